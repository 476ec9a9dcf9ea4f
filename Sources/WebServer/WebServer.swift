internal import CLinux
internal import CMicrohttpd
internal import Glibc
internal import Synchronization
package import System
package import WebConfig

/// An HTTP server over libmicrohttpd.
///
/// Three kinds of threads: one at the door (``Acceptor``), one of the library's that speaks HTTP and
/// never waits for anything but sockets, and one for each route that does its work (``Lane``). So a
/// file that hangs holds up nothing but the answers that need it, and those no longer than their
/// deadline.
package final class WebServer: Sendable {
  private let core: RequestHandler
  private let acceptor: Acceptor
  // A pointer that only this object frees.
  private let library: LibraryServer
  /// Nil where there is no web configuration, which alone can ask for TLS.
  private let tlsLibrary: LibraryServer?

  /// Starts to serve; connections come once there is a listener.
  ///
  /// - Parameter config: nil for HTTP that everybody may ask, for good.
  package init(
    _ routes: [Route], limits: Limits, counters: ServerCounters, config: WebConfig? = nil
  ) throws(Errno) {
    core = RequestHandler(
      routes, CurrentPolicy(config ?? WebConfig()), limits: limits, counters: counters,
      connections: ConnectionTable(limits, counters), doorbell: try Doorbell())
    library = try LibraryServer(core, hasTLS: false)
    tlsLibrary = config == nil ? nil : try LibraryServer(core, hasTLS: true)
    acceptor = unsafe try Acceptor(core, library.raw, tls: tlsLibrary?.raw)
    try acceptor.start()
  }

  /// The version of the library that runs.
  package static var libraryVersion: String { unsafe String(cString: MHD_get_version()) }

  /// Answers what comes in on `listener`, from now on.
  package func start(_ listener: consuming Listener) { acceptor.add(Listener.Shared(listener)) }

  /// Goes by another configuration from now on. Connections that are there keep their TLS; each next
  /// request is asked for the new users' passwords.
  package func use(_ config: WebConfig) { core.policy.use(config) }

  /// Whether a scrape would be answered now.
  package var isReady: Bool { core.isReady }

  /// Whether the threads that every answer needs do their work. One that a file of the kernel holds up
  /// does not count: it is left behind and costs only its own metrics.
  ///
  /// - Parameter time: after which they count as stuck.
  package func isAlive(within time: Duration) -> Bool {
    let end = MonotonicTime.now + time
    return acceptor.comesRound(until: end) && library.comesRound(until: end)
      && (tlsLibrary?.comesRound(until: end) ?? true)
  }

  /// Takes no new connection, answers for a while what those that it has ask, and stops. A worker that
  /// hangs is left where it is.
  ///
  /// So where somebody else keeps the listening socket, as systemd does, no client is left without
  /// an answer: it has one from here, or waits in the socket for the next process.
  package func stop() {
    let end = MonotonicTime.now + core.limits.drainTime
    core.beginDraining()
    acceptor.stopAccepting(until: end)
    while .now < end, core.connections.isExpectant(at: .now, patience: core.limits.lastHeadTime) {
      usleep(5_000)
    }
    core.stop()
    acceptor.stop()
    library.stop()
    tlsLibrary?.stop()
  }
}

/// @unchecked: the library's server may be used from any thread, and nothing here changes.
@safe private final class LibraryServer: @unchecked Sendable {
  let raw: OpaquePointer
  /// The library keeps an unretained pointer to it until it is stopped.
  private let core: RequestHandler
  /// Locked so that the library is not called while it is stopped, and after.
  private let hasStopped = Mutex(false)

  init(_ core: RequestHandler, hasTLS: Bool) throws(Errno) {
    self.core = core
    let cls = unsafe Unmanaged.passUnretained(core).toOpaque()
    // Limits are the acceptor's: the library is never asked to take more than it can.
    guard
      let raw = unsafe start_server(
        hasTLS ? 1 : 0,
        CUnsignedInt(clamping: core.limits.connections * 2 + 64),
        core.limits.headBytes + (16 << 10),
        answerRequest, requestCompleted, connectionNoticed, beginRequest, cls)
    else { throw Errno.last }
    unsafe self.raw = raw
  }

  /// The library takes it ill to be told twice.
  func stop() {
    hasStopped.withLock { hasStopped in
      guard !hasStopped else { return }
      hasStopped = true
      unsafe MHD_stop_daemon(raw)
    }
  }

  /// Whether its thread takes a connection and sees, by then, that nothing comes of it. Where there are no
  /// descriptors to try with, that is taken for granted.
  func comesRound(until end: MonotonicTime) -> Bool {
    var pair: (CInt, CInt) = (-1, -1)
    let type =
      CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
    let isMade = unsafe withUnsafeMutableBytes(of: &pair) {
      unsafe socketpair(AF_UNIX, type, 0, $0.baseAddress!.assumingMemoryBound(to: CInt.self)) == 0
    }
    guard isMade else { return true }
    defer { close(pair.1) }
    shutdown(pair.1, CInt(SHUT_WR))
    let (libraryEnd, _) = pair
    let isAsked = hasStopped.withLock { hasStopped in
      guard !hasStopped else {
        close(libraryEnd)
        return false
      }
      var name = sockaddr(sa_family: sa_family_t(AF_UNIX), sa_data: sockaddr().sa_data)
      // From here on it is the library's to close.
      return unsafe MHD_add_connection(
        raw, libraryEnd, &name, socklen_t(MemoryLayout<sa_family_t>.size)) == .YES
    }
    guard isAsked else { return false }
    var wait = pollfd(fd: pair.1, events: Int16(POLLIN), revents: 0)
    while true {
      let left = (end - .now).wholeNanoseconds / 1_000_000
      let count = unsafe poll(&wait, 1, CInt(clamping: left))
      if count > 0 { return true }
      guard count < 0, errno == EINTR else { return false }
    }
  }
}
