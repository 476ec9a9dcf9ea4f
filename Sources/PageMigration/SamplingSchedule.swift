/// When snapshots are due: at whole intervals from the start, so that nothing drifts.
package struct SamplingSchedule: Sendable {
  private let interval: UInt64
  /// The next snapshot's time, in nanoseconds of the monotonic clock.
  package private(set) var deadline: UInt64

  package init(start: UInt64, interval: UInt64) {
    self.interval = interval
    deadline = start
  }

  /// Moves the deadline past `now`, the time at which the snapshot could be taken.
  ///
  /// - Returns: how many deadlines were missed by more than half an interval. All but the last of
  ///   them have no snapshot of their own.
  package mutating func advance(past now: UInt64) -> UInt64 {
    guard now >= deadline else { return 0 }
    let delay = now - deadline
    deadline += (delay / interval + 1) * interval
    return (delay + (interval - 1) - interval / 2) / interval
  }
}
