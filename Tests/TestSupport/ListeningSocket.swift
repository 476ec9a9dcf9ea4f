internal import Glibc

/// A socket of the test's own that listens on the loopback, to be passed to another program.
package final class ListeningSocket: Sendable {
  package let descriptor: CInt
  package let address: String

  package init() throws {
    descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let result = withUnsafeMutablePointer(to: &name) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard result else { throw systemFailure("listen") }
    address = "127.0.0.1:\(UInt16(bigEndian: name.sin_port))"
  }

  deinit { close(descriptor) }
}

/// A port that nobody listens on. It may be taken by the time that it is used, which is rare.
package func freePort() throws -> Int {
  let listener = try ListeningSocket()
  return Int(listener.address.split(separator: ":")[1])!
}
