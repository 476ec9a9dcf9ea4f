internal import Collectors
internal import Explain
internal import Exposition
internal import PageMigration
internal import Synchronization
internal import System

/// Keeps the last ten minutes of the exporter's own metrics, for those who ask what is going on.
///
/// A collector that hangs holds up its thread and nobody else: then the history ends, and says so.
final class HistoryRecorder: Sendable {
  private let gatherer: Gatherer
  private let thresholds: Thresholds
  private let facts: HostFacts
  private let history = Mutex(History())
  /// What no rule asks for; cgroups can be thousands.
  private static let others: Set<String> = ["cgroup", "rates", "process"]

  init(_ gatherer: Gatherer, _ facts: HostFacts, _ thresholds: Thresholds) {
    self.gatherer = gatherer
    self.thresholds = thresholds
    self.facts = facts
  }

  /// Reads until the program ends, on a thread of its own.
  func start() throws(Errno) {
    try startThread("history") { [self] in
      var exposition: [UInt8] = []
      var schedule = SamplingSchedule(start: .now, interval: History.step)
      while true {
        record(using: &exposition)
        _ = schedule.advance(past: .now)
        schedule.deadline.sleep()
      }
    }
  }

  /// Adds a reading of this instant.
  func record(using exposition: inout [UInt8]) {
    let begin = MonotonicTime.now
    let names = gatherer.collectorNames
    gatherer.gather(.plainText, into: &exposition, deadline: begin + .seconds(5)) {
      !Self.others.contains(names[$0])
    }
    let time = MonotonicTime.midpoint(begin, .now)
    history.withLock { $0.add(exposition, at: time) }
  }

  /// What is to be said of the time before now.
  func report(over window: Duration) -> Report {
    let history = history.withLock { $0 }
    return Report(
      history.evidence(over: window, until: .now, kernelRelease: facts.kernelRelease), thresholds,
      hostName: facts.hostName)
  }
}
