package import Collectors
internal import Exposition
package import PageMigration
internal import Synchronization
package import System
package import Views

/// Keeps the last ten minutes of the exporter's own metrics, for those who ask what is going on.
package final class HistoryRecorder: Sendable {
  private let gatherer: Gatherer
  private let thresholds: Thresholds
  private let facts: HostFacts
  private let history = Mutex(History())
  private let isWanted: @Sendable (Int) -> Bool
  /// What no rule asks for; cgroups can be thousands.
  private static let others: Set<String> = ["cgroup", "rates", "process"]
  /// How long a reading may take.
  private static let patience = Duration.seconds(5)

  package init(_ gatherer: Gatherer, _ facts: HostFacts, _ thresholds: Thresholds) {
    self.gatherer = gatherer
    self.thresholds = thresholds
    self.facts = facts
    let names = gatherer.collectorNames
    isWanted = { !Self.others.contains(names[$0]) }
  }

  /// Reads until the program ends, on a thread of its own. A collector that hangs holds up that thread
  /// and nobody else: then the history ends, and says so.
  package func start() throws(Errno) {
    try startThread("history") { [self] in
      var exposition: [UInt8] = []
      var schedule = SamplingSchedule(start: .now, interval: History.step)
      while true {
        let begin = MonotonicTime.now
        gatherer.gather(
          .plainText, into: &exposition, deadline: begin + Self.patience, where: isWanted)
        add(exposition, since: begin)
        _ = schedule.advance(past: .now)
        schedule.deadline.sleep()
      }
    }
  }

  /// Adds a reading of this instant, for a caller whom no collector may hold up.
  package func record() {
    let begin = MonotonicTime.now
    let exposition = gatherer.exposition(.plainText, by: begin + Self.patience, where: isWanted)
    if let exposition { add(exposition, since: begin) }
  }

  private func add(_ exposition: [UInt8], since begin: MonotonicTime) {
    let time = MonotonicTime.midpoint(begin, .now)
    history.withLock { $0.add(exposition, at: time) }
  }

  /// What the live page draws of the time before now.
  package func trends(over span: Duration) -> [(String, JSON)] {
    let history = history.withLock { $0 }
    return [
      ("trends", Trends(history, span: span, until: .now, .now).json),
      ("collectors", .array(collectors.map(\.json))),
    ]
  }

  /// Those that are on as they went, and those that are off.
  private var collectors: [CollectorState] {
    let on = zip(gatherer.collectorNames, gatherer.health).map { name, health in
      CollectorState(
        name: name,
        health: health.failure.map { .fails($0) } ?? (health.duration == nil ? .unknown : .works),
        duration: health.duration)
    }
    let off = CollectorState.all.map(\.name).filter { !gatherer.collectorNames.contains($0) }
    return on + off.map { CollectorState(name: $0, health: .off) }
  }

  /// What is to be said of the time before now.
  package func report(over window: Duration) -> Report {
    let history = history.withLock { $0 }
    return Report(
      history.evidence(over: window, until: .now, kernelRelease: facts.kernelRelease), thresholds,
      hostName: facts.hostName)
  }
}
