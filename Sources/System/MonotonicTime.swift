package import Glibc
package import Synchronization

/// An instant of CLOCK_MONOTONIC: how long the machine has run, without the time in which it was
/// suspended (clock_gettime(2)). It never goes back, and it has nothing to do with the calendar.
package struct MonotonicTime: Comparable, Hashable, Sendable {
  private let nanoseconds: UInt64

  /// - Parameter sinceBoot: a negative one is taken as the boot itself.
  package init(sinceBoot: Duration) { nanoseconds = sinceBoot.wholeNanoseconds }

  private init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

  package static var now: MonotonicTime { MonotonicTime(nanoseconds: clock(CLOCK_MONOTONIC)) }

  package var sinceBoot: Duration { .init(wholeNanoseconds: nanoseconds) }

  package static func < (one: Self, other: Self) -> Bool { one.nanoseconds < other.nanoseconds }

  /// How long `earlier` is before `later`: zero where it is not.
  package static func - (later: Self, earlier: Self) -> Duration {
    .init(wholeNanoseconds: later.nanoseconds - min(later.nanoseconds, earlier.nanoseconds))
  }

  package static func + (time: Self, duration: Duration) -> Self {
    guard duration >= .zero else { return time - (.zero - duration) }
    let (sum, overflow) = time.nanoseconds.addingReportingOverflow(duration.wholeNanoseconds)
    return Self(nanoseconds: overflow ? .max : sum)
  }

  /// The boot, where it would be before.
  package static func - (time: Self, duration: Duration) -> Self {
    Self(nanoseconds: time.nanoseconds - min(time.nanoseconds, duration.wholeNanoseconds))
  }

  /// The instant half way between two.
  package static func midpoint(_ earlier: Self, _ later: Self) -> Self {
    guard later > earlier else { return earlier }
    return Self(nanoseconds: earlier.nanoseconds + (later.nanoseconds - earlier.nanoseconds) / 2)
  }

  /// Sleeps until this instant, through signals. Returns at once where it has passed.
  package func sleep() {
    var wake = timespec(sinceBoot)
    while unsafe clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nil) == EINTR {}
  }
}

/// CPU time that all threads of this process have used, user and system.
package var processCPUTime: Duration { .init(wholeNanoseconds: clock(CLOCK_PROCESS_CPUTIME_ID)) }

extension timespec {
  /// `duration` as C has it; a negative one as zero.
  package init(_ duration: Duration) {
    let (seconds, nanoseconds) = duration.wholeSecondsAndBillionths
    self.init(tv_sec: Int(clamping: seconds), tv_nsec: Int(nanoseconds))
  }
}

extension timeval {
  /// `duration` as C has it; a negative one as zero.
  package init(_ duration: Duration) {
    let time = timespec(duration)
    self.init(tv_sec: time.tv_sec, tv_usec: time.tv_nsec / 1000)
  }
}

/// The clock's reading in nanoseconds; the earliest there is for one that stands before its zero.
func clock(_ clock: clockid_t) -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(clock, &time)
  return UInt64(max(0, time.tv_sec)) * 1_000_000_000 + UInt64(max(0, time.tv_nsec))
}

extension MonotonicTime: AtomicRepresentable {
  package typealias AtomicRepresentation = UInt64.AtomicRepresentation

  package static func encodeAtomicRepresentation(
    _ value: consuming Self
  ) -> AtomicRepresentation { UInt64.encodeAtomicRepresentation(value.nanoseconds) }

  package static func decodeAtomicRepresentation(
    _ storage: consuming AtomicRepresentation
  ) -> Self { Self(nanoseconds: UInt64.decodeAtomicRepresentation(storage)) }
}
