internal import Synchronization
package import System

/// A probe that scrapes and the overview read, each on a thread of its own.
package final class SharedProbe: Sendable {
  /// When counting began.
  package let attached: UnixTime
  package let hasDurations: Bool
  package let hasTHP: Bool
  package let hasFoliosSplit: Bool
  private let probe: Mutex<MigrationProbe>

  /// - Parameter tracefs: where tracefs is mounted, usually `/sys/kernel/tracing`.
  package init(tracefs: String) throws(ReasonsUnavailable) {
    let probe = try MigrationProbe(tracefs: tracefs)
    attached = probe.attached
    hasDurations = probe.hasDurations
    hasTHP = probe.hasTHP
    hasFoliosSplit = probe.hasFoliosSplit
    self.probe = Mutex(probe)
  }

  /// As `MigrationProbe.read(into:)`.
  ///
  /// - Returns: the modes, in the order of each reason's calls.
  @discardableResult
  package func read(into totals: inout [ReasonTotals]) -> [String] {
    probe.withLock { probe in
      probe.read(into: &totals)
      return probe.modes
    }
  }
}
