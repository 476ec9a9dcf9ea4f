internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// An HTTP server over libmicrohttpd: one thread for each listener, which waits with epoll.
package final class WebServer: Sendable {
  private let core: RequestHandler
  private let daemons = Mutex<[Daemon]>([])

  package init(_ routes: [Route], limits: Limits, pool: BodyPool, counter: RequestCounter) {
    core = RequestHandler(routes, limits: limits, pool: pool, counter: counter)
  }

  /// The version of the library that runs.
  package static var libraryVersion: String { String(cString: MHD_get_version()) }

  /// Answers what comes in on `listener`, from now on.
  package func start(_ listener: consuming Listener) throws(ListenError) {
    let daemon = try Daemon(listener, core)
    daemons.withLock { $0.append(daemon) }
  }

  /// Takes no new connection, lets the requests in flight end, and stops.
  package func stop() {
    let running = daemons.withLock { daemons in
      defer { daemons = [] }
      return daemons
    }
    for daemon in running { daemon.quiesce() }
    var waited = 0
    while core.counter.inFlight > 0, waited < core.limits.drainSeconds * 100 {
      usleep(10_000)
      waited += 1
    }
    for daemon in running { daemon.stop() }
  }
}

/// A running daemon of libmicrohttpd and the socket that it listens on.
///
/// @unchecked: the library's daemon may be used from any thread, and nothing here changes.
private final class Daemon: @unchecked Sendable {
  private let raw: OpaquePointer
  private let listener: Listener
  private let core: RequestHandler

  init(_ listener: consuming Listener, _ core: RequestHandler) throws(ListenError) {
    // The daemon keeps an unretained pointer to `core`, which this object holds until `stop`.
    let cls = Unmanaged.passUnretained(core).toOpaque()
    let limits = core.limits
    let options = [
      option(.LISTEN_SOCKET, Int(listener.descriptor)),
      option(.CONNECTION_LIMIT, limits.connections),
      option(.CONNECTION_TIMEOUT, limits.idleSeconds),
      option(.CONNECTION_MEMORY_LIMIT, limits.headerBytes),
      MHD_OptionItem(
        option: .NOTIFY_COMPLETED,
        value: Int(bitPattern: unsafeBitCast(requestCompleted, to: UnsafeRawPointer.self)),
        ptr_value: cls),
      MHD_OptionItem(option: .END, value: 0, ptr_value: nil),
    ]
    let flags = MHD_USE_EPOLL_INTERNAL_THREAD.rawValue | MHD_USE_ITC.rawValue
    guard let raw = shim_start_daemon(flags, answerRequest, cls, options) else {
      throw ListenError(
        address: listener.address, reason: "libmicrohttpd: \(String(cString: strerror(errno)))")
    }
    self.raw = raw
    self.listener = listener
    self.core = core
  }

  /// The socket is given back to us, so that nothing more is accepted, and stays open.
  func quiesce() { MHD_quiesce_daemon(raw) }

  func stop() { MHD_stop_daemon(raw) }
}

private func option(_ option: MHD_OPTION, _ value: Int) -> MHD_OptionItem {
  MHD_OptionItem(option: option, value: value, ptr_value: nil)
}
