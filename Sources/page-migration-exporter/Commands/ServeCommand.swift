internal import ArgumentParser
internal import Collectors
internal import KernelText
internal import Logging
internal import MigrationReasons
internal import PageMigration
internal import System
internal import Views
internal import WebServer

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve metrics over HTTP until SIGTERM or SIGINT.")

  @OptionGroup(title: "Web") var web: WebOptions
  @OptionGroup(title: "Collectors") var collectors: CollectorOptions
  @OptionGroup(title: "Rates") var rates: RatesOptions
  @OptionGroup(title: "The exporter's own process") var process: ProcessOptions
  @OptionGroup(title: "Reasons") var reasons: ReasonsOptions
  @OptionGroup(title: "Waits") var waits: WaitsOptions
  @OptionGroup(title: "Explain") var explain: ExplainOptions
  @OptionGroup(title: "Paths") var paths: PathOptions
  @OptionGroup(title: "Log") var log: LogOptions

  func run() throws {
    let writer = log.makeWriter()
    let logger = log.makeLogger(writer)
    try paths.check()
    // Every thread that is started from here on leaves these signals to this one.
    let signals = StopSignals()
    let listeners = try bind()
    let probe = reasons.attach(logger)
    let waitsProbe = waits.attach(logger)
    let counters = ServerCounters()
    let sampler = rates.samplingInterval.map {
      Sampler(vmstat: "\(paths.procfs)/vmstat", interval: $0)
    }
    let gatherer = makeGatherer(sampler, probe, waitsProbe, counters, writer, logger)
    let facts = HostFacts.read(paths.kernel)
    let overview = OverviewSource(
      paths.kernel, facts, version: Version.number, sampler: sampler, probe: probe)
    let recorder = HistoryRecorder(gatherer, facts, try explain.thresholds())
    let readiness = Readiness()
    gatherer.prepare()
    try dropPrivileges()
    try writer.start()
    let server = try makeServer(routes(gatherer, overview, recorder, readiness), counters)
    readiness.server = server
    try start(sampler, recorder)
    for listener in listeners {
      let listener = listener.take()
      logger.notice("listening", metadata: ["address": "\(listener.address)"])
      server.start(listener)
    }
    logger.notice("ready", metadata: ["version": "\(Version.number)"])
    let signal = signals.wait()
    logger.notice("stopping", metadata: ["signal": "\(signal)"])
    server.stop()
    logger.notice("stopped")
    writer.flush(within: .seconds(1))
  }

  /// While there is but one thread: privileges are each thread's own.
  private func dropPrivileges() throws(StartFailure) {
    do throws(PrivilegesKept) {
      try MigrationReasons.dropPrivileges(becoming: process.user)
    } catch {
      throw StartFailure(error)
    }
  }

  /// What the limit of descriptors leaves for connections, once the kernel's files are open.
  private func connectionsAllowed(_ asked: Int) throws(StartFailure) -> Int {
    var files = OwnProcess()
    guard let limit = Machine.descriptorLimit, let open = files.openDescriptors() else {
      return asked
    }
    let left = Int(clamping: limit) - Int(clamping: open) - Self.descriptorsReserved
    guard left > 0 else {
      throw StartFailure(
        "\(limit) descriptors are too few (ulimit -n): \(open) are open, and "
          + "\(Self.descriptorsReserved) more are kept for what a scrape opens")
    }
    return min(asked, left)
  }

  /// For the server itself, and for what collectors open and close in a scrape.
  private static let descriptorsReserved = 16

  private func makeServer(
    _ routes: [Route], _ counters: ServerCounters
  ) throws(StartFailure) -> WebServer {
    var limits = web.limits
    limits.connections = try connectionsAllowed(limits.connections)
    do throws(Errno) {
      return try WebServer(routes, limits: limits, counters: counters)
    } catch {
      throw StartFailure("cannot start to serve: \(error)")
    }
  }

  private func start(
    _ sampler: Sampler?, _ recorder: HistoryRecorder
  ) throws(StartFailure) {
    do throws(Errno) {
      try sampler?.start()
      try recorder.start()
    } catch {
      throw StartFailure("cannot start a thread: \(error)")
    }
  }

  private func makeGatherer(
    _ sampler: Sampler?, _ probe: Result<SharedProbe, ReasonsUnavailable>?,
    _ waits: Result<WaitsProbe, ReasonsUnavailable>?,
    _ counters: ServerCounters, _ writer: LogWriter, _ logger: Logger
  ) -> Gatherer {
    var list = collectors.kernelCollectors(paths.kernel) { logger.warning("\($0)") }
    if let sampler { list.append(RatesCollector(sampler)) }
    if let probe { list.append(ReasonsCollector(probe)) }
    if let probe, reasons.causes { list.append(CausesCollector(probe)) }
    if let waits { list.append(WaitsCollector(waits)) }
    if process.isOn, !web.disableExporterMetrics { list.append(ProcessCollector()) }
    let totals =
      web.disableExporterMetrics ? nil : CountedTotals(counters: counters, writer: writer)
    return Gatherer(list, exporter: ExporterMetrics(Version.facts, server: totals)) {
      collector, outcome in
      switch outcome {
      case .failed
      where [ReasonsCollector.name, CausesCollector.name, WaitsCollector.name].contains(collector):
        break  // It can fail only at the start, where it was logged.
      case .failed(let reason):
        logger.error(
          "collector failed", metadata: ["collector": "\(collector)", "err": "\(reason)"])
      case .recovered:
        logger.notice("collector works again", metadata: ["collector": "\(collector)"])
      }
    }
  }

  private func routes(
    _ gatherer: Gatherer, _ overview: OverviewSource, _ recorder: HistoryRecorder,
    _ readiness: Readiness
  ) -> [Route] {
    let metrics = MetricsRoute(gatherer: gatherer)
    let rates = RatesRoute(source: overview)
    let explain = ExplainRoute(recorder: recorder)
    let front = FrontRoute(rates: rates, page: LivePage(telemetryPath: web.telemetryPath))
    return [
      Route(web.telemetryPath) { metrics.plan($0) },
      Route("/rates") { rates.plan($0) },
      Route("/explain") { explain.plan($0) },
      Route("/") { front.plan($0) },
      Route("/-/healthy") { _ in .line("healthy") },
      Route("/-/ready") { _ in .live { readiness.plan } },
    ]
  }

  /// Binds every address before any is served: a taken port stops the start as a whole.
  private func bind() throws(StartFailure) -> [BoundListener] {
    var listeners: [BoundListener] = []
    if web.systemdSocket {
      guard let count = SystemdSockets.count() else {
        throw StartFailure("systemd passed no socket (--web.systemd-socket)")
      }
      for number in 0..<count {
        do throws(ListenError) {
          listeners.append(BoundListener(try SystemdSockets.listener(number)))
        } catch {
          throw StartFailure(error)
        }
      }
    }
    let asked =
      web.listenAddresses.isEmpty && !web.systemdSocket
      ? [ListenAddress.tcp(host: nil, port: 10057)] : web.listenAddresses
    for address in asked {
      do throws(ListenError) {
        listeners.append(BoundListener(try Listener(address)))
      } catch {
        throw StartFailure(error)
      }
    }
    return listeners
  }
}

/// Whether scrapes can be served, as `/-/ready` says it.
///
/// @unchecked: the server is set before it has a listener.
private final class Readiness: @unchecked Sendable {
  /// Weak, since the server has the route that asks for it.
  weak var server: WebServer?

  var plan: Plan {
    server?.isReady == true
      ? .line("ready") : .line("503: scrapes are not answered now", status: 503)
  }
}

/// What the server has counted as the metrics take it.
private struct CountedTotals: ServerTotals {
  let counters: ServerCounters
  let writer: LogWriter

  var codes: [Int] { ServerCounters.codes }
  func answered(at place: Int) -> UInt64 { counters.answered(at: place) }
  var inFlight: UInt64 { UInt64(max(0, counters.inFlight)) }
  var connectionsOpen: UInt64 { UInt64(max(0, counters.open)) }
  var connectionsAccepted: UInt64 { counters.accepted }
  var refusals: [String] { ServerCounters.Refusal.allCases.map(\.rawValue) }
  func refused(at place: Int) -> UInt64 { counters.refused(at: place) }
  var timeOuts: [String] { ServerCounters.TimeOut.allCases.map(\.rawValue) }
  func timedOut(at place: Int) -> UInt64 { counters.timedOut(at: place) }
  var logLinesDropped: UInt64 { writer.dropped }
}

/// A listener between being bound and being served. Arrays hold nothing that cannot be copied.
private final class BoundListener {
  private var listener: Listener?

  init(_ listener: consuming Listener) {
    self.listener = consume listener
  }

  /// To be called once.
  func take() -> Listener { listener.take()! }
}
