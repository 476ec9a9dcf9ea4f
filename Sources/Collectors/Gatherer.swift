package import Exposition
internal import KernelText
internal import Synchronization

/// Calls the collectors one after the other and writes what they give: one scrape.
///
/// It times each collector and isolates its failure: what a failed collector wrote is taken back,
/// the others stay, and the scrape says so in `pagemigration_scrape_collector_success`.
package final class Gatherer: Sendable {
  /// Told when a collector begins to fail, fails otherwise than before, or works again.
  package typealias Reporter = @Sendable (_ collector: String, _ outcome: Outcome) -> Void

  package enum Outcome: Equatable, Sendable {
    case failed(String)
    case recovered
  }

  package let collectorNames: [String]
  private let state: Mutex<State>
  private let report: Reporter

  private struct State: ~Copyable {
    var collectors: [any Collector]
    var outcomes: [CollectorOutcome]
    var exporter: ExporterMetrics
  }

  /// - Parameter report: called on the thread that gathers, so it should be brief.
  package init(
    _ collectors: sending [any Collector], exporter: sending ExporterMetrics,
    report: @escaping Reporter
  ) {
    collectorNames = collectors.map(\.name)
    self.report = report
    let outcomes = collectors.map { CollectorOutcome($0.name) }
    state = Mutex(State(collectors: collectors, outcomes: outcomes, exporter: exporter))
  }

  /// Writes one exposition.
  ///
  /// - Parameters:
  ///   - bytes: memory to write into; what it holds is overwritten.
  ///   - selected: whether the collector of this place among ``collectorNames`` takes part.
  package func gather(
    _ format: ExpositionFormat, reusing bytes: consuming [UInt8] = [],
    where selected: (Int) -> Bool = { _ in true }
  ) -> [UInt8] {
    var encoder = Encoder(format, reusing: bytes)
    state.withLock { state in
      for index in state.collectors.indices {
        state.outcomes[index].took = nil
        guard selected(index) else { continue }
        let begin = Clocks.monotonic()
        let failure = collect(state.collectors[index], into: &encoder)
        state.outcomes[index].took = Clocks.monotonic() - begin
        note(failure, of: &state.outcomes[index])
      }
      state.exporter.write(state.outcomes, into: &encoder)
    }
    return encoder.finish()
  }

  /// What every collector documents, in the order of the exposition.
  package var documentation: [DocumentedFamily] {
    state.withLock { $0.collectors.flatMap(\.documentation) } + ExporterMetrics.documentation
  }

  /// Nil where all went well.
  private func collect(_ collector: any Collector, into encoder: inout Encoder) -> String? {
    let mark = encoder.mark()
    do {
      let problems = try collector.collect(into: &encoder)
      return problems.isEmpty ? nil : Self.summary(of: problems)
    } catch {
      encoder.rollBack(to: mark)
      return "\(error)"
    }
  }

  private func note(_ failure: String?, of outcome: inout CollectorOutcome) {
    defer { outcome.failure = failure }
    guard failure != outcome.failure else { return }
    report(outcome.name, failure.map(Outcome.failed) ?? .recovered)
  }

  private static func summary(of problems: [any Error]) -> String {
    let shown = problems.prefix(3).map { "\($0)" }.joined(separator: "; ")
    return problems.count <= 3 ? shown : "\(shown); and \(problems.count - 3) more"
  }
}

/// How the last scrape went for one collector.
struct CollectorOutcome {
  let name: String
  let durationMetric: Metric
  let successMetric: Metric
  /// In nanoseconds. Nil where it took no part in the scrape.
  var took: UInt64?
  /// Nil where it succeeded.
  var failure: String?

  init(_ name: String) {
    self.name = name
    durationMetric = ExporterMetrics.duration.family.metric(["collector": name])
    successMetric = ExporterMetrics.success.family.metric(["collector": name])
  }
}
