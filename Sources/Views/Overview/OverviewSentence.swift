internal import MigrationReasons
internal import PageMigration

/// What the kernel is doing, in plain words.
package struct OverviewSentence {
  private let overview: Overview

  package init(_ overview: Overview) { self.overview = overview }

  package var text: String {
    guard let view = overview.view else {
      return "Rates are not sampled (--collector.rates.interval=0)."
    }
    if let failure = view.failure { return "The sampler cannot read: \(failure)." }
    let window = RateWindow.tenSeconds
    guard let migrated = overview.rates(.pagesMigrated).mean(window) else {
      return "The rates of the last 10 s are not known yet."
    }
    let failed = overview.rates(.pagesFailed).mean(window) ?? 0
    guard migrated > 0 || failed > 0 else {
      return "The kernel migrated no page in the last 10 s." + peak
    }
    let share = failureShare(migrated: migrated, failed: failed) ?? 0
    let outcome =
      migrated == 0
      ? "The kernel failed to migrate \(Readable.number(failed)) pages/s and migrated none"
      : "The kernel migrated \(pages(migrated)); "
        + (share == 0 ? "none failed" : "\(Readable.percent(share)) of the pages tried failed")
    return outcome + ", in the last 10 s." + lostHugePages + reason
  }

  private func pages(_ rate: Double) -> String {
    "\(Readable.number(rate)) pages/s (\(Readable.bytes(rate * Double(overview.facts.pageSize)))/s)"
  }

  /// What a quiet moment would hide: the peak of the longest window that is known.
  private var peak: String {
    for window in RateWindow.withMaximum.reversed() {
      guard let peak = overview.rates(.pagesMigrated).maximum(window) else { continue }
      return peak > 0 ? " The peak of the last \(window.label) was \(pages(peak))." : ""
    }
    return ""
  }

  /// Who asked for most of it since the exporter was started.
  private var reason: String {
    guard case .success(let view)? = overview.reasons, let first = view.active.first,
      let share = first.share(of: view.totals), share > 0
    else { return "" }
    return
      " Since the start, \(first.reason) asked for \(Readable.percent(share)) of the pages moved."
  }

  private var lostHugePages: String {
    let lost = overview.columns.first { $0.name == RateWindow.tenSeconds.label }
      .flatMap(overview.lostTHPs)
    guard let lost, lost > 0 else { return "" }
    return " \(Readable.number(lost)) THPs/s could be neither moved nor split."
  }
}
