internal import Arguments
internal import CBuildInfo
internal import Collectors
internal import Explain
internal import Glibc
internal import KernelText
internal import Logging
internal import MigrationReasons
internal import PageMigration
internal import Routes
internal import Service
internal import System
internal import Views
internal import WebConfig
internal import WebServer

struct ServeCommand: Command {
  static let name = "serve"
  static let abstract = "Serve metrics over HTTP until SIGTERM or SIGINT."

  let web: WebOptions
  let collectors: CollectorOptions
  let perCPU: PerCPUOptions
  let rates: RatesOptions
  let process: ProcessOptions
  let reasons: ReasonsOptions
  let waits: WaitsOptions
  let device: DeviceOptions
  let explain: ExplainOptions
  let paths: PathOptions
  let log: LogOptions

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    web = try arguments.group("Web")
    collectors = try arguments.group("Collectors")
    perCPU = try arguments.group("Collectors")
    rates = try arguments.group("Rates")
    process = try arguments.group("The exporter's own process")
    reasons = try arguments.group("Reasons")
    waits = try arguments.group("Waits")
    device = try arguments.group("Device memory")
    explain = try arguments.group("Explain")
    paths = try arguments.group("Paths")
    log = try arguments.group("Log")
  }

  func run() throws {
    // Every thread that is started from here on leaves these signals to this one.
    let signals = Signals()
    let writer = log.makeWriter()
    let logger = log.makeLogger(writer)
    try paths.check()
    let manager = ServiceManager.fromEnvironment { logger.warning("\($0)") }
    let webConfig = try web.configFile.map { try readConfig($0, logger) }
    let listeners = try bind()
    let facts = hostFacts(logger)
    let probe = reasons.attach(logger)
    let waitsProbe = waits.attach(byCgroup: collectors.cgroup.isOn, logger)
    let deviceProbe = device.attach(facts, logger)
    let perCPUVmstat = perCPU.open(paths.kernel, logger)
    let counters = ServerCounters()
    let sampler = rates.samplingInterval.map {
      Sampler(vmstat: "\(paths.procfs)/vmstat", interval: $0)
    }
    let kept = KeptConfig()
    let gatherer = makeGatherer(
      sampler, perCPUVmstat, probe, waitsProbe, deviceProbe, counters, kept, writer, logger)
    let overview = OverviewSource(
      paths.kernel, facts, version: Version.number, sampler: sampler, probe: probe)
    let recorder = HistoryRecorder(gatherer, facts, try explain.thresholds())
    let readiness = Readiness()
    // What only root may open is opened by root.
    if process.user != nil { prepare(gatherer, logger) }
    try dropPrivileges(logger)
    if process.user == nil { prepare(gatherer, logger) }
    do throws(Errno) {
      try writer.start()
    } catch {
      throw StartFailure("cannot start the log: \(error)")
    }
    defer { writer.flush(within: .seconds(1)) }  // The last line says why it ends.
    let site = Site(
      metrics: gatherer, at: web.telemetryPath, overview: overview, history: recorder,
      readiness: readiness, hosts: TrustedHosts(own: facts.hostName, named: web.allowedHosts),
      version: Version.number)
    let server = try makeServer(site.routes, counters, webConfig)
    readiness.server = server
    kept.keeper = try keep(webConfig, server, logger)
    let watchdog = Watchdog(manager) {
      server.isAlive(within: $0)
    } isStuck: {
      logger.critical("stuck: the watchdog is no longer notified")
    }
    try start(sampler, recorder, watchdog)
    let status = "serving on " + listeners.map(\.address).joined(separator: ", ")
    for listener in listeners {
      var metadata: Logger.Metadata = ["address": "\(listener.address)"]
      if let name = listener.name { metadata["socket"] = "\(name)" }
      logger.notice("listening", metadata: metadata)
      listener.serve(server)
    }
    logger.notice("ready", metadata: ["version": "\(Version.number)"])
    manager.ready(status)
    let signal = waitForStop(signals) {
      manager.reload {
        kept.keeper?.reload()
        return status
      }
    }
    logger.notice("stopping", metadata: ["signal": "\(signal)"])
    manager.stopping()
    server.stop()
    logger.notice("stopped")
  }

  private func hostFacts(_ logger: Logger) -> HostFacts {
    let facts = HostFacts.read(paths.kernel)
    if facts.hang {
      logger.warning(
        "the host's name, release and THP size are not known: a file that has them hangs")
    }
    return facts
  }

  private func prepare(_ gatherer: Gatherer, _ logger: Logger) {
    guard !gatherer.prepare() else { return }
    logger.warning("a file hangs: its metrics are missing until it answers")
  }

  /// Returns the name of the signal that ends it.
  private func waitForStop(_ signals: Signals, reload: () -> Void) -> String {
    while true {
      // By then everything has been done once that is done again and again: /explain's record, too.
      switch signals.wait(pause: .seconds(15), idle: give_back_code) {
      case .reload: reload()
      case .stop(let signal): return signal
      }
    }
  }

  /// While there is but one thread: privileges are each thread's own.
  private func dropPrivileges(_ logger: Logger) throws(StartFailure) {
    do throws(PrivilegesKept) {
      try MigrationReasons.dropPrivileges(becoming: process.user)
    } catch {
      throw StartFailure(error)
    }
    do throws(Errno) {
      // The files of Unix sockets are removed at the end.
      let isClosed = try closeFiles(removableIn: web.listenAddresses.compactMap(\.folder))
      guard !isClosed, Machine.user == 0 else { return }
      logger.warning(
        "this kernel has no Landlock, so the exporter can write whatever root can; --user=nobody prevents that"
      )
    } catch {
      throw StartFailure("cannot close files: \(error)")
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
    _ routes: [Route], _ counters: ServerCounters, _ config: WebConfig?
  ) throws(StartFailure) -> WebServer {
    var limits = web.limits
    limits.connections = try connectionsAllowed(limits.connections)
    do throws(Errno) {
      return try WebServer(routes, limits: limits, counters: counters, config: config)
    } catch {
      throw StartFailure("cannot start to serve: \(error)")
    }
  }

  private func start(
    _ sampler: Sampler?, _ recorder: HistoryRecorder, _ watchdog: Watchdog
  ) throws(StartFailure) {
    do throws(Errno) {
      try sampler?.start()
      try recorder.start()
      try watchdog.start()
    } catch {
      throw StartFailure("cannot start a thread: \(error)")
    }
  }

  private func makeGatherer(
    _ sampler: Sampler?, _ perCPU: PerCPUVmstat?,
    _ probe: Result<SharedProbe, ReasonsUnavailable>?,
    _ waits: Result<WaitsProbe, ReasonsUnavailable>?,
    _ device: Result<DeviceProbe, ReasonsUnavailable>?,
    _ counters: ServerCounters, _ config: KeptConfig, _ writer: LogWriter, _ logger: Logger
  ) -> Gatherer {
    var list = collectors.kernelCollectors(paths.kernel, perCPU: perCPU) {
      logger.warning("\($0)")
    }
    if let sampler { list.append(RatesCollector(sampler)) }
    if let probe { list.append(ReasonsCollector(probe)) }
    if let probe, reasons.causes { list.append(CausesCollector(probe)) }
    if let waits {
      let cgroups = collectors.cgroup.isOn ? collectors.cgroup.selection : nil
      list.append(WaitsCollector(waits, paths.kernel, cgroups: cgroups))
    }
    if let device { list.append(DeviceCollector(device)) }
    if process.isOn, !web.disableExporterMetrics { list.append(ProcessCollector()) }
    let totals =
      web.disableExporterMetrics
      ? nil
      : CountedTotals(
        counters, config: { config.keeper?.state }, linesDropped: { writer.dropped })
    // These can fail only at the start, where it was logged.
    let waitsFailed = if case .failure = waits { true } else { false }
    let loggedAtStart =
      [ReasonsCollector.name, CausesCollector.name, DeviceCollector.name]
      + (waitsFailed ? [WaitsCollector.name] : [])
    return Gatherer(
      list, exporter: ExporterMetrics(Version.facts, server: totals),
      writesCreated: web.openMetricsCreated
    ) { collector, outcome in
      switch outcome {
      case .failed where loggedAtStart.contains(collector): break
      case .failed(let reason):
        logger.error(
          "collector failed", metadata: ["collector": "\(collector)", "err": "\(reason)"])
      case .recovered:
        logger.notice("collector works again", metadata: ["collector": "\(collector)"])
      }
    }
  }

  /// What it says is said to be wrong before anything is served.
  private func readConfig(_ path: String, _ logger: Logger) throws(StartFailure) -> WebConfig {
    do throws(ConfigProblem) {
      let config = try WebConfig(reading: path)
      logger.take(config)
      return config
    } catch {
      throw StartFailure(error)
    }
  }

  /// Nil where there is no file to be kept.
  private func keep(
    _ config: WebConfig?, _ server: WebServer, _ logger: Logger
  ) throws(StartFailure) -> ConfigKeeper? {
    guard let path = web.configFile, let config else { return nil }
    let keeper = ConfigKeeper(path, config) { outcome in
      switch outcome {
      case .taken(let config):
        server.use(config)
        logger.notice("web configuration reloaded")
        logger.take(config)
      case .kept(let problem):
        logger.error(
          "the new web configuration cannot be used: the previous one stays",
          metadata: ["err": "\(problem)"])
      }
    }
    do throws(Errno) {
      try keeper.start()
    } catch {
      throw StartFailure("cannot start a thread: \(error)")
    }
    return keeper
  }

  /// Binds every address before any is served: a taken port stops the start as a whole.
  private func bind() throws(StartFailure) -> [BoundListener] {
    if web.systemdSocket {
      do throws(ListenError) {
        return try BoundListener.passedBySystemd()
      } catch {
        throw StartFailure(error)
      }
    }
    let asked =
      web.listenAddresses.isEmpty
      ? [.tcp(host: nil, port: ListenAddress.defaultPort)] : web.listenAddresses
    do throws(ListenError) {
      return try asked.map { address throws(ListenError) in try BoundListener(address) }
    } catch {
      throw StartFailure("\(error)\(Self.advice(on: error))")
    }
  }
}

extension ServeCommand {
  /// What can be done where an address cannot be listened on.
  private static func advice(on error: ListenError) -> String {
    switch error.number {
    case EADDRINUSE:
      "; ss -ltnxp shows what listens there, --web.listen-address sets another address"
    case EACCES:
      "; a port below 1024 needs root or CAP_NET_BIND_SERVICE, a Unix socket a writable directory"
    case EADDRNOTAVAIL: "; ip address shows the addresses of this host"
    default: ""
    }
  }
}

/// The keeper of the web configuration, for those who ask for it before there is one.
///
/// @unchecked: it is set before the server has a listener.
private final class KeptConfig: @unchecked Sendable {
  /// Nil where there is no configuration.
  var keeper: ConfigKeeper?
}

extension Logger {
  /// Says what of a configuration is probably not meant.
  fileprivate func take(_ config: WebConfig) {
    for warning in config.warnings { self.warning("\(warning)") }
  }
}
