internal import CMicrohttpd
package import System
package import WebConfig

/// An HTTP server over libmicrohttpd.
///
/// One thread stands at the door (``Acceptor``), and one serves (``EventLoop``): it speaks HTTP and does
/// the routes' work while that is quick. Work that takes longer has a thread of its own (``Lane``), or
/// gets one. So a file that hangs holds up nothing but the answers that need it, and those no longer
/// than their deadline. What comes within TLS has another thread of the library's (``TLSServer``).
package final class WebServer: Sendable {
  private let core: RequestHandler
  private let acceptor: Acceptor
  private let loop: EventLoop
  /// Nil where there is no web configuration, which alone can ask for TLS.
  private let tlsServer: TLSServer?

  /// Starts to serve; connections come once there is a listener.
  ///
  /// - Parameter config: nil for HTTP that everybody may ask, for good.
  package init(
    _ routes: [Route], limits: Limits, counters: ServerCounters, config: WebConfig? = nil
  ) throws(Errno) {
    core = RequestHandler(
      routes, CurrentPolicy(config ?? WebConfig()), limits: limits, counters: counters,
      connections: ConnectionTable(limits, counters), doorbell: try Doorbell())
    loop = try EventLoop(core)
    tlsServer = config == nil ? nil : try TLSServer(core)
    acceptor = try Acceptor(core, loop, tls: tlsServer)
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
    return acceptor.comesRound(until: end) && loop.comesRound(until: end)
      && (tlsServer?.comesRound(until: end) ?? true)
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
    comesTrue(by: end) {
      !core.connections.isExpectant(at: .now, patience: core.limits.lastHeadTime)
    }
    core.stop()
    // What was given up has its answer on the way.
    comesTrue(by: .now + core.limits.lastAnswerTime) {
      !core.connections.isExpectant(at: .now, patience: .zero)
    }
    acceptor.stop()
    loop.stop()
    tlsServer?.stop()
  }
}
