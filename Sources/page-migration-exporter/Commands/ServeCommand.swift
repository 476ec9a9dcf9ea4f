internal import ArgumentParser
internal import Collectors
internal import Logging
internal import MigrationReasons
internal import PageMigration
internal import WebServer

struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Serve metrics over HTTP until SIGTERM or SIGINT.")

  @OptionGroup(title: "Web") var web: WebOptions
  @OptionGroup(title: "Collectors") var collectors: CollectorOptions
  @OptionGroup(title: "Rates") var rates: RatesOptions
  @OptionGroup(title: "The exporter's own process") var process: ProcessOptions
  @OptionGroup(title: "Reasons") var reasons: ReasonsOptions
  @OptionGroup(title: "Paths") var paths: PathOptions
  @OptionGroup(title: "Log") var log: LogOptions

  func run() throws {
    let logger = log.makeLogger()
    try paths.check()
    // Every thread that is started from here on leaves these signals to this one.
    let signals = StopSignals()
    let listeners = try bind()
    let probe = reasons.attach(logger)
    let counter = RequestCounter()
    let sampler = rates.samplingInterval.map {
      Sampler(vmstat: "\(paths.procfs)/vmstat", interval: $0)
    }
    let gatherer = makeGatherer(sampler, probe, counter, logger)
    let overview = OverviewSource(paths.paths, sampler: sampler, probe: probe)
    let pool = BodyPool()
    let server = WebServer(
      routes(gatherer, overview, pool), limits: web.limits, pool: pool, counter: counter)
    if let sampler { try SamplerThread.start(sampler) }
    for listener in listeners { try start(listener.take(), server, logger) }
    logger.notice("ready", metadata: ["version": "\(Version.number)"])
    let signal = signals.wait()
    logger.notice("stopping", metadata: ["signal": "\(signal)"])
    server.stop()
    logger.notice("stopped")
  }

  private func makeGatherer(
    _ sampler: Sampler?, _ probe: Result<SharedProbe, ReasonsUnavailable>?,
    _ counter: RequestCounter, _ logger: Logger
  ) -> Gatherer {
    var list = collectors.kernelCollectors(paths.paths) { logger.warning("\($0)") }
    if let sampler { list.append(RatesCollector(sampler)) }
    if let probe { list.append(ReasonsCollector(probe)) }
    if process.process, !web.disableExporterMetrics { list.append(ProcessCollector()) }
    let totals = web.disableExporterMetrics ? nil : ServerTotals(counter: counter)
    return Gatherer(list, exporter: ExporterMetrics(Version.facts, requests: totals)) {
      collector, outcome in
      switch outcome {
      case .failed where collector == ReasonsCollector.name:
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
    _ gatherer: Gatherer, _ overview: OverviewSource, _ pool: BodyPool
  ) -> [Route] {
    let metrics = MetricsRoute(gatherer, pool)
    let rates = RatesRoute(source: overview)
    let front = FrontRoute(rates: rates, page: LivePage(telemetryPath: web.telemetryPath))
    return [
      Route(web.telemetryPath) { metrics.answer($0) },
      Route("/rates") { rates.answer($0) },
      Route("/") { front.answer($0) },
      Route("/-/healthy", answersWhenBusy: true) { _ in .text("healthy") },
      Route("/-/ready", answersWhenBusy: true) { _ in .text("ready") },
    ]
  }

  /// Binds every address before any is served: a taken port stops the start as a whole.
  private func bind() throws(StartFailure) -> [BoundListener] {
    var listeners: [BoundListener] = []
    if web.systemdSocket {
      guard let count = SystemdSockets.count() else {
        throw StartFailure("systemd passed no socket (--web.systemd-socket)")
      }
      for number in 0..<count { listeners.append(BoundListener(SystemdSockets.listener(number))) }
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

  private func start(
    _ listener: consuming Listener, _ server: WebServer, _ logger: Logger
  ) throws(StartFailure) {
    let address = listener.address
    do throws(ListenError) {
      try server.start(listener)
    } catch {
      throw StartFailure(error)
    }
    logger.notice("listening", metadata: ["address": "\(address)"])
  }
}

/// The server's count of requests as the metrics take it.
private struct ServerTotals: RequestTotals {
  let counter: RequestCounter

  var codes: [Int] { RequestCounter.codes }
  func answered(at place: Int) -> UInt64 { counter.answered(at: place) }
  var inFlight: UInt64 { UInt64(max(0, counter.inFlight)) }
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
