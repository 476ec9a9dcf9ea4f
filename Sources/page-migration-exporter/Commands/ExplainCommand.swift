internal import Arguments
internal import Collectors
internal import Explain
internal import MigrationReasons
internal import PageMigration
internal import Remote
internal import System
internal import Views

struct ExplainCommand: Command {
  static let name = "explain"
  static let abstract =
    "Say in plain words whether page migration is a problem, why, and what to do."
  static let discussion: String? = """
    Asks the exporter on this host about the last ten minutes; if none answers, it watches the \
    kernel itself for ten seconds. It changes nothing. Exits with 0 if there is no warning, with 2 \
    if there is, and with 1 if it could not look.
    """

  let url: HTTPURL?
  let window: Duration?
  let json: Bool
  let rules: Bool
  let remote: RemoteOptions
  let explain: ExplainOptions
  let reasons: ReasonsOptions
  let waits: WaitsOptions
  let paths: PathOptions

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    url = try arguments.value(
      "url", "url", "Ask another host's exporter, such as https://host:10057.")
    window = try arguments.value(
      "window", "duration", "How far back to look, 10s to 10m; by default 10m.")
    json = try arguments.flag("json", "Answer in JSON.")
    rules = try arguments.flag("rules", "Print all rules and their thresholds.")
    remote = try arguments.group("The other exporter")
    explain = try arguments.group("Rules")
    reasons = try arguments.group("Reasons")
    waits = try arguments.group("Waits")
    paths = try arguments.group("Paths")
    guard window.map(History.windows.contains) ?? true else {
      throw UsageError("--window must be from 10s to 10m")
    }
    guard !rules || !json else { throw UsageError("--rules are not printed as JSON") }
    guard url == nil || !looksHere else {
      throw UsageError(
        "--url uses the other exporter's collectors and thresholds; --collector.* and"
          + " --explain.thresholds are for this host")
    }
  }

  /// What only a look of one's own can take into account.
  private var looksHere: Bool { reasons.isOn || waits.isOn || explain.file != nil }

  func run() throws {
    if rules {
      try Console.answer(Rule.table(try explain.thresholds()))
      return
    }
    switch try looksHere ? look() : ask() {
    case .nothing: break
    case .warnings: throw ExitCode(2)
    case .couldNotLook: throw ExitCode(1)
    }
  }

  /// What the exit status says.
  private enum Outcome {
    case nothing, warnings, couldNotLook

    init(hasWarnings: Bool, couldLook: Bool) {
      self = hasWarnings ? .warnings : couldLook ? .nothing : .couldNotLook
    }
  }

  private func ask() throws -> Outcome {
    let exporter = url ?? HTTPURL.local
    let path = "/explain?format=json&window=\((window ?? History.span).spelled)"
    let access = try remote.access()
    let body: [UInt8]
    do {
      body = try HTTPGet.body(of: exporter.with(path: path), access)
    } catch {
      guard url == nil else { throw StartFailure(error) }
      Console.say("\(error); looking here for \(lookFor.spelledOut)")
      return try look()
    }
    guard let answer = ExplainAnswer(json: body) else {
      throw StartFailure("\(exporter) does not answer as a page-migration-exporter does")
    }
    try Console.answer(json ? body + [UInt8(ascii: "\n")] : Array(answer.shown.utf8))
    // An exporter of an older version does not say.
    let couldLook = JSON(reading: body)?["could_look"]?.bool ?? true
    return Outcome(hasWarnings: answer.hasWarnings, couldLook: couldLook)
  }

  private var lookFor: Duration { window ?? History.step }

  private func look() throws -> Outcome {
    try paths.check()
    let thresholds = try explain.thresholds()
    var collectors: [any Collector] = [
      VmstatCollector(paths.kernel), NodeCollector(paths.kernel), SettingsCollector(paths.kernel),
      CMACollector(paths.kernel),
    ]
    do throws(ReasonsUnavailable) {
      if reasons.isOn {
        let probe = try SharedProbe(tracefs: reasons.tracefs.path, causes: reasons.causes)
        collectors.append(ReasonsCollector(.success(probe)))
      }
      if waits.isOn { collectors.append(WaitsCollector(.success(try WaitsProbe()))) }
    } catch {
      throw StartFailure(error)
    }
    let gatherer = Gatherer(collectors, exporter: ExporterMetrics(Version.facts)) { name, outcome in
      if case .failed(let reason) = outcome { Console.say("collector \(name) failed: \(reason)") }
    }
    let recorder = HistoryRecorder(gatherer, HostFacts.read(paths.kernel), thresholds)
    let begin = MonotonicTime.now
    // Three readings, so that what lasts can be told from what came at once.
    for half in 0...2 {
      (begin + lookFor / 2 * half).sleep()
      recorder.record()
    }
    let report = recorder.report(over: lookFor)
    try Console.answer(json ? report.json + "\n" : report.text)
    return Outcome(hasWarnings: report.hasWarnings, couldLook: report.couldLook)
  }
}
