package import Exposition
package import MigrationReasons
package import System

/// Who asked for migrations, with what success, and how long it took: counted in the kernel by eBPF
/// since the program's start.
package final class ReasonsCollector: Collector {
  package static let name = "reasons"
  package var name: String { Self.name }
  package var countingSince: BootInstant? { try? probe.get().countingSince }

  private let probe: Result<SharedProbe, ReasonsUnavailable>
  private var totals: [ReasonTotals] = []
  private var modes: [String] = []
  private var reasons: [ReasonMetrics] = []

  /// - Parameter probe: where there is none, each scrape says why.
  package init(_ probe: Result<SharedProbe, ReasonsUnavailable>) {
    self.probe = probe
  }

  package var documentation: [MetricFamily] { ReasonsFamilies.documentation }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    let probe = try probe.get()
    // Before the counts, which then have them. Only those formats have them read that show them.
    let slowest = encoder.format.hasExemplars ? probe.slowestCalls() : []
    let modes = probe.read(into: &totals)
    renderNames(modes)

    for (place, counter) in ReasonsFamilies.counters.enumerated() where counter.isIn(probe) {
      encoder.begin(counter.family)
      for (metrics, totals) in zip(reasons, totals) {
        encoder.write(metrics.counters[place], counter.value(totals))
      }
    }
    writeFailures(into: &encoder)
    writeCalls(into: &encoder)
    if probe.hasDurations { writeDurations(slowest, into: &encoder) }
    encoder.write(ReasonsFamilies.attached, probe.attached.sinceEpoch)
    return []
  }

  /// Anew only when the kernel has used a number never met before.
  private func renderNames(_ modes: [String]) {
    guard totals.count != reasons.count || modes != self.modes else { return }
    self.modes = modes
    reasons = totals.map { ReasonMetrics($0.reason, modes: modes) }
  }

  private func writeFailures(into encoder: inout Encoder) {
    encoder.begin(CausesFamilies.causes)
    for (metrics, totals) in zip(reasons, totals) {
      guard let failed = totals.failed else { return }
      for (metric, pages) in zip(metrics.causes, failed.causes) { encoder.write(metric, pages) }
    }
    encoder.begin(CausesFamilies.kinds)
    for (metrics, totals) in zip(reasons, totals) {
      guard let failed = totals.failed else { return }
      for (metric, pages) in zip(metrics.kinds, failed.kinds) { encoder.write(metric, pages) }
    }
  }

  private func writeCalls(into encoder: inout Encoder) {
    encoder.begin(ReasonsFamilies.calls)
    for (metrics, totals) in zip(reasons, totals) {
      for (metric, calls) in zip(metrics.calls, totals.calls) { encoder.write(metric, calls) }
    }
  }

  private func writeDurations(_ slowest: [SlowCall], into encoder: inout Encoder) {
    encoder.begin(ReasonsFamilies.duration)
    for (metrics, totals) in zip(reasons, totals) {
      encoder.write(
        metrics.duration, counts: totals.durationBuckets, sum: totals.duration,
        exemplar: slowest.first { $0.reason == totals.reason }.map { Exemplar($0) })
    }
  }
}

extension Exemplar {
  /// Who made the slowest call of a reason in the last minute.
  fileprivate init(_ call: SlowCall) {
    self.init(
      ["comm": "\(call.command)", "pid": "\(call.process)"], value: call.duration,
      time: UnixTime.now - (MonotonicTime.now - call.ended))
  }
}

/// One reason's metrics, rendered.
private struct ReasonMetrics {
  /// In the order of `ReasonsFamilies.counters`.
  let counters: [Metric]
  /// In the order of `FailureCause.allCases`.
  let causes: [Metric]
  /// In the order of `FailureKind.allCases`.
  let kinds: [Metric]
  let calls: [Metric]
  let duration: HistogramMetrics

  init(_ reason: String, modes: [String]) {
    counters = ReasonsFamilies.counters.map { $0.family.metric(["reason": reason]) }
    causes = FailureCause.allCases.map {
      CausesFamilies.causes.metric(["reason": reason, "cause": $0.rawValue])
    }
    kinds = FailureKind.allCases.map {
      CausesFamilies.kinds.metric(["reason": reason, "kind": $0.rawValue])
    }
    calls = modes.map {
      ReasonsFamilies.calls.metric(["reason": reason, "mode": $0])
    }
    duration = HistogramMetrics(
      ReasonsFamilies.duration, DurationBuckets.scale, labelPairs: [("reason", reason)])
  }
}
