internal import Glibc

/// An instant of this machine's run: how long after the boot it was, suspends included, by
/// CLOCK_BOOTTIME, which a time namespace shifts. Setting the clock does not move it.
package struct BootInstant: Hashable, Sendable {
  /// Negative before the zero of a shifted clock.
  package let sinceBoot: Duration

  package init(sinceBoot: Duration) { self.sinceBoot = sinceBoot }

  package static var now: BootInstant {
    BootInstant(sinceBoot: .init(wholeNanoseconds: clock(CLOCK_BOOTTIME)))
  }
}

/// When the machine booted, by its calendar: the very same at each reading, since a start that moves
/// tells a server that a counter began anew.
///
/// It moves with whoever sets the clock by more than ``tolerance``: then it was wrong before.
package struct BootTime: Sendable {
  private var kept: UnixTime?

  package init() {}

  /// Two readings of the clock are some nanoseconds apart, and a leap second is one.
  package static let tolerance = Duration.seconds(2)

  /// Nil while the calendar says less than a year after 1970: it has not been set yet.
  package mutating func read() -> UnixTime? { keep(UnixTime(sinceBootWithSuspends: .zero)) }

  /// - Parameter boot: what the clocks say now.
  package mutating func keep(_ boot: UnixTime) -> UnixTime? {
    guard boot.sinceEpoch > .seconds(31_536_000) else { return nil }
    if let kept, abs(kept.sinceEpoch - boot.sinceEpoch) <= Self.tolerance { return kept }
    kept = boot
    return boot
  }

  private func abs(_ duration: Duration) -> Duration {
    duration < .zero ? .zero - duration : duration
  }
}
