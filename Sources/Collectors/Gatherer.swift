package import Exposition
internal import Synchronization
package import System

/// Calls the collectors one after the other and writes what they give: one scrape.
///
/// It times each collector and isolates its failure: what a failed collector wrote is taken back,
/// the others stay, and the scrape says so in `pagemigration_scrape_collector_success`. A collector
/// that hangs has failed, too: no scrape waits for it beyond its deadline, none begins it a second
/// time, and it is well again when it comes back.
package final class Gatherer: Sendable {
  /// Hears when a collector begins to fail, fails otherwise than before, or works again.
  package typealias Reporter = @Sendable (_ collector: String, _ outcome: Outcome) -> Void

  package enum Outcome: Equatable, Sendable {
    case failed(String)
    case recovered
  }

  package let collectorNames: [String]
  private let slots: [CollectorSlot]
  private let exporter: ExporterMetrics
  private let exporterBlock: MetricBlock
  private let writesCreated: Bool
  private let bootTime = Mutex(BootTime())
  private let report: Reporter

  /// - Parameters:
  ///   - writesCreated: as an ``Encoder`` has it.
  ///   - report: called on the thread that gathers, and never under a lock.
  package init(
    _ collectors: sending [any Collector], exporter: ExporterMetrics, writesCreated: Bool = false,
    report: @escaping Reporter
  ) {
    collectorNames = collectors.map(\.name)
    slots = collectors.map(CollectorSlot.init)
    self.exporter = exporter
    exporterBlock = exporter.block(of: slots)
    self.writesCreated = writesCreated
    self.report = report
  }

  /// Writes one exposition to `bytes`, whatever they hold. Any number of threads may do so at once.
  ///
  /// - Parameters:
  ///   - deadline: by which it is done, unless a file holds up this very thread. Another thread may
  ///     then gather all but what hangs.
  ///   - selected: whether the collector of this place among ``collectorNames`` takes part.
  package func gather(
    _ format: ExpositionFormat, into bytes: inout [UInt8], deadline: MonotonicTime,
    where selected: (Int) -> Bool = { _ in true }
  ) {
    let times = Times(until: deadline)
    var given: [UInt8] = []
    swap(&given, &bytes)
    var encoder = Encoder(format, created: writesCreated, reusing: consume given)
    let boot = bootTime.withLock { $0.read() }
    var outcomes = [CollectorOutcome](repeating: .notAsked, count: slots.count)
    var isBusy = false
    for index in slots.indices where selected(index) {
      outcomes[index] = slots[index].collect(into: &encoder, boot, times, waitsFor: times.glance)
      isBusy = isBusy || outcomes[index].isBusy
    }
    // Those that another thread is at: by now it may have come back.
    if isBusy {
      for index in slots.indices where outcomes[index].isBusy {
        outcomes[index] = slots[index].collect(
          into: &encoder, boot, times, waitsFor: times.patience)
      }
    }
    for index in slots.indices {
      if let news = slots[index].note(outcomes[index]) { report(collectorNames[index], news) }
    }
    encoder.countingSince = boot.map { $0 + exporter.countingSince.sinceBoot }
    exporter.write(slots, outcomes, exporterBlock, into: &encoder)
    bytes = encoder.finish()
  }

  /// One exposition, for a caller who has no other thread to stand in for it where a file hangs.
  ///
  /// - Returns: nil where even what does not hang took longer than until the deadline.
  package func exposition(
    _ format: ExpositionFormat, by deadline: MonotonicTime,
    where selected: @escaping @Sendable (Int) -> Bool = { _ in true }
  ) -> [UInt8]? {
    result(by: deadline) { [self] in
      var bytes: [UInt8] = []
      gather(format, into: &bytes, deadline: deadline, where: selected)
      return bytes
    }
  }

  /// Opens what the collectors keep open, so that later no lack of descriptors can keep them from it.
  ///
  /// - Returns: false where a file hangs. What had not been opened by then is opened by the first scrape.
  package func prepare() -> Bool {
    let deadline = MonotonicTime.now + .seconds(5)
    let opened: Void? = result(by: deadline, hasStandIns: false) { [self] in
      var bytes: [UInt8] = []
      gather(.plainText, into: &bytes, deadline: deadline)
    }
    return opened != nil
  }

  /// How each collector went when it was asked last, in the order of ``collectorNames``.
  package var health: [CollectorHealth] { slots.map(\.health) }

  /// What every collector documents, in the order of the exposition.
  package var documentation: [MetricFamily] {
    slots.flatMap(\.documentation) + ExporterMetrics.documentation
  }
}

/// How a collector went when it was asked last.
package struct CollectorHealth: Sendable {
  /// Nil where it did not fail.
  package fileprivate(set) var failure: String?
  /// Nil where it was never asked.
  package fileprivate(set) var duration: Duration?
}

/// How long a scrape waits for what.
struct Times {
  private let deadline: MonotonicTime
  /// Of the time from here to the deadline a collector may take four fifths, so that the rest is left
  /// for those behind it.
  let patience: Duration
  /// How long another thread is waited for that may be done soon, before those behind it are asked.
  let glance: Duration

  init(until deadline: MonotonicTime) {
    self.deadline = deadline
    let time = deadline - .now
    patience = time.parts(4, of: 5)
    glance = time.parts(1, of: 10)
  }

  /// The end of a wait that begins now.
  func end(of wait: Duration) -> MonotonicTime { min(deadline, .now + wait) }
}

/// How a scrape went for one collector.
struct CollectorOutcome {
  enum Result {
    case notAsked, busy, succeeded
    case failed(String)
  }

  let result: Result
  let duration: Duration

  static let notAsked = CollectorOutcome(result: .notAsked, duration: .zero)

  var isBusy: Bool { if case .busy = result { true } else { false } }
  var isAsked: Bool { if case .notAsked = result { false } else { true } }
  var hasSucceeded: Bool { if case .succeeded = result { true } else { false } }
}

/// A collector and what is known of it from scrape to scrape.
///
/// @unchecked: the collector is used by whoever has the turn, one at a time.
final class CollectorSlot: @unchecked Sendable {
  let durationMetric: Metric
  let successMetric: Metric
  let timeoutsMetric: Metric
  private let collector: any Collector
  private let turn = Turn()
  private let last = Mutex(CollectorHealth())
  private let timeoutCount = Atomic<UInt64>(0)

  init(_ collector: any Collector) {
    self.collector = collector
    durationMetric = ExporterMetrics.duration.metric(["collector": collector.name])
    successMetric = ExporterMetrics.success.metric(["collector": collector.name])
    timeoutsMetric = ExporterMetrics.timeouts.metric(["collector": collector.name])
  }

  var documentation: [MetricFamily] { collector.documentation }

  var health: CollectorHealth { last.withLock { $0 } }

  var timeouts: UInt64 { timeoutCount.load(ordering: .relaxed) }

  /// - Parameters:
  ///   - boot: when the machine booted, where that is known.
  ///   - wait: how long another thread that is at it is waited for.
  func collect(
    into encoder: inout Encoder, _ boot: UnixTime?, _ times: Times, waitsFor wait: Duration
  ) -> CollectorOutcome {
    guard turn.take(until: times.end(of: wait), patience: times.patience) else {
      return CollectorOutcome(result: .busy, duration: turn.heldFor ?? .zero)
    }
    defer { turn.give() }
    let begin = MonotonicTime.now
    let mark = encoder.mark()
    encoder.countingSince = collector.countingSince.flatMap { start in
      boot.map { $0 + start.sinceBoot }
    }
    let result: CollectorOutcome.Result
    do {
      let problems = try collector.collect(into: &encoder)
      result = problems.isEmpty ? .succeeded : .failed(Self.summary(of: problems))
    } catch {
      encoder.rollBack(to: mark)
      result = .failed("\(error)")
    }
    return CollectorOutcome(result: result, duration: .now - begin)
  }

  /// Remembers how it went.
  ///
  /// - Returns: what is new about it.
  func note(_ outcome: CollectorOutcome) -> Gatherer.Outcome? {
    let failure: String?
    switch outcome.result {
    case .notAsked: return nil
    case .succeeded: failure = nil
    case .failed(let reason): failure = reason
    case .busy:
      timeoutCount.wrappingAdd(1, ordering: .relaxed)
      failure = "timed out: the read has not finished; everything else is still served"
    }
    return last.withLock { last in
      last.duration = outcome.duration
      guard failure != last.failure else { return nil }
      last.failure = failure
      return failure.map(Gatherer.Outcome.failed) ?? .recovered
    }
  }

  private static func summary(of problems: [any Error]) -> String {
    let shown = problems.prefix(3).map { "\($0)" }.joined(separator: "; ")
    return problems.count <= 3 ? shown : "\(shown); and \(problems.count - 3) more"
  }
}
