/// A listener between being bound and being served. Arrays hold nothing that cannot be copied.
package final class BoundListener {
  /// With the real port.
  package let address: String
  /// As systemd calls it. Nil where the program has bound it.
  package let name: String?
  private var listener: Listener?

  /// Binds an address.
  package convenience init(_ address: ListenAddress) throws(ListenError) {
    self.init(try Listener(address), name: nil)
  }

  private init(_ listener: consuming Listener, name: String?) {
    address = listener.address
    self.name = name
    self.listener = consume listener
  }

  /// The sockets that systemd has bound for this process.
  package static func passedBySystemd() throws(ListenError) -> [BoundListener] {
    try SystemdSockets.take().map { socket throws(ListenError) in
      BoundListener(try socket.listener(), name: socket.name)
    }
  }

  /// To be called once.
  package func serve(_ server: WebServer) { server.start(listener.take()!) }
}
