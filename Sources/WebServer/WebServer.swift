internal import CLinux
internal import CMicrohttpd
internal import Glibc
internal import Synchronization
package import System

/// An HTTP server over libmicrohttpd.
///
/// Three kinds of threads: one at the door (``Acceptor``), one of the library's that speaks HTTP and
/// never waits for anything but sockets, and one for each route that does its work (``Lane``). So a
/// file that hangs holds up nothing but the answers that need it, and those no longer than their
/// deadline.
package final class WebServer: Sendable {
  private let core: RequestHandler
  private let acceptor: Acceptor
  private let doorbell = Doorbell()
  // A pointer that only this object frees.
  private let library: LibraryServer

  /// Starts to serve; connections come once there is a listener.
  package init(_ routes: [Route], limits: Limits, counters: ServerCounters) throws(Errno) {
    let wakeUp = CInt(
      try valueOrErrno { Int(eventfd(0, O_CLOEXEC | O_NONBLOCK)) })
    core = RequestHandler(
      routes, limits: limits, counters: counters,
      connections: ConnectionTable(limits, counters), notice: { [doorbell] in doorbell.ring() })
    library = try LibraryServer(core)
    acceptor = unsafe try Acceptor(core, unsafe library.raw, wakeUp: wakeUp)
    doorbell.acceptor.withLock { $0 = acceptor }
    try acceptor.start()
  }

  /// The version of the library that runs.
  package static var libraryVersion: String { unsafe String(cString: MHD_get_version()) }

  /// Answers what comes in on `listener`, from now on.
  package func start(_ listener: consuming Listener) { acceptor.add(Listener.Shared(listener)) }

  /// Whether a scrape would be answered now.
  package var isReady: Bool { core.isReady }

  /// Takes no new connection, lets the requests in flight end for a while, and stops. A worker that
  /// hangs is left where it is.
  package func stop() {
    acceptor.stopAccepting()
    core.beginStopping()
    let end = MonotonicTime.now + core.limits.drainTime
    while MonotonicTime.now < end, core.counters.inFlight > 0 || core.connections.isSending {
      usleep(5_000)
    }
    core.stop()
    acceptor.stop()
    doorbell.acceptor.withLock { $0 = nil }
    library.stop()
  }
}

/// Rings for the acceptor, which comes after those who ring.
private final class Doorbell: Sendable {
  let acceptor = Mutex<Acceptor?>(nil)

  func ring() { acceptor.withLock { $0 }?.notice() }
}

/// @unchecked: the library's server may be used from any thread, and nothing here changes.
@safe private final class LibraryServer: @unchecked Sendable {
  let raw: OpaquePointer
  /// The library keeps an unretained pointer to it until it is stopped.
  private let core: RequestHandler
  private let hasStopped = Atomic(false)

  init(_ core: RequestHandler) throws(Errno) {
    self.core = core
    let cls = unsafe Unmanaged.passUnretained(core).toOpaque()
    // Limits are the acceptor's: the library is never asked to take more than it can.
    guard
      let raw = unsafe start_server(
        CUnsignedInt(clamping: core.limits.connections * 2 + 64),
        core.limits.headBytes + (16 << 10),
        answerRequest, requestCompleted, connectionNoticed, beginRequest, cls)
    else { throw Errno.last }
    unsafe self.raw = raw
  }

  /// The library takes it ill to be told twice.
  func stop() {
    guard !hasStopped.exchange(true, ordering: .relaxed) else { return }
    unsafe MHD_stop_daemon(raw)
  }
}
