internal import PageMigration
internal import System

/// What the kernel is doing, in plain words.
package struct OverviewSentence {
  private let overview: Overview

  package init(_ overview: Overview) { self.overview = overview }

  package var text: String {
    guard let view = overview.view else {
      return "Rates are not sampled (--collector.rates.interval=0)."
    }
    if let failure = view.failure { return "The sampler cannot read: \(failure)." }
    guard let window = overview.windows.first else { return "The sampler's interval is too long." }
    let span = "the last \(window.length.spelledOut)"
    guard let migrated = overview.rates(.pagesMigrated).mean(window) else {
      return "The rates of \(span) are not known yet."
    }
    let failed = overview.rates(.pagesFailed).mean(window) ?? 0
    guard migrated > 0 || failed > 0 else {
      return "The kernel migrated no page in \(span)." + peak
    }
    let share = failureShare(migrated: migrated, failed: failed) ?? 0
    let outcome =
      migrated == 0
      ? "The kernel failed to migrate \(Readable.number(failed)) pages/s and migrated none"
      : "The kernel migrated \(pages(migrated)); "
        + (share == 0 ? "none failed" : "\(Readable.percent(share)) of the pages tried failed")
    return outcome + ", in \(span)." + lostHugePages(in: window)
  }

  private func pages(_ rate: Double) -> String {
    "\(Readable.number(rate)) pages/s (\(Readable.bytes(rate * Double(overview.facts.pageSize)))/s)"
  }

  /// What a quiet moment would hide: the peak of the longest window that is known.
  private var peak: String {
    for window in RateWindow.withMaximum.reversed() where overview.windows.contains(window) {
      guard let peak = overview.rates(.pagesMigrated).maximum(window) else { continue }
      return peak > 0 ? " The peak of the last \(window.length.spelledOut) was \(pages(peak))." : ""
    }
    return ""
  }

  private func lostHugePages(in window: RateWindow) -> String {
    guard let lost = overview.lostTHPs(overview.mean(window)), lost > 0 else { return "" }
    return " \(Readable.number(lost)) THPs/s could be neither moved nor split."
  }
}
