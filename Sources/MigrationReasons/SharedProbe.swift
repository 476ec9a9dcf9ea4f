internal import Synchronization
package import System

/// A probe that scrapes and the overview read, each on a thread of its own.
package final class SharedProbe: Sendable {
  /// When counting began.
  package let attached: UnixTime
  /// The same as an instant of the machine's run: a moment before the first call is counted.
  package let countingSince = BootInstant.now
  package let hasDurations: Bool
  package let hasTHP: Bool
  package let hasFoliosSplit: Bool
  /// Whether the causes of failures are counted: nil where nobody asked for them.
  package let causes: Result<Causes, ReasonsUnavailable>?
  private let probe: Mutex<MigrationProbe>

  /// What the kernel tells of causes.
  package struct Causes: Sendable {
    package let method: CausesMethod
    /// Whether it tells the moves that NUMA balancing gave up before trying.
    package let hasRefusals: Bool
  }

  /// - Parameter tracefs: where tracefs is mounted, usually `/sys/kernel/tracing`.
  /// - Parameter wantsCauses: a kernel that cannot tell them still tells the reasons.
  package init(tracefs: String, causes wantsCauses: Bool = false) throws(ReasonsUnavailable) {
    var probe = try MigrationProbe(tracefs: tracefs)
    causes = wantsCauses ? probe.attachCauses() : nil
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

  /// As `MigrationProbe.slowestCalls(at:)`.
  package func slowestCalls() -> [SlowCall] { probe.withLock { $0.slowestCalls() } }

  /// As `MigrationProbe.refused(_:)`.
  package func refused(_ cause: NUMARefusal) -> UInt64? { probe.withLock { $0.refused(cause) } }
}
