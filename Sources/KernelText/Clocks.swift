internal import Glibc

/// The clocks of clock_gettime(2), in nanoseconds.
package enum Clocks {
  /// Time that has passed since boot, without the time in which the machine was suspended.
  package static func monotonic() -> UInt64 { nanoseconds(CLOCK_MONOTONIC) }

  /// Time that has passed since boot.
  package static func boottime() -> UInt64 { nanoseconds(CLOCK_BOOTTIME) }

  /// Time since 1970-01-01 UTC.
  package static func realtime() -> UInt64 { nanoseconds(CLOCK_REALTIME) }

  /// CPU time that all threads of this process have used, user and system.
  package static func processCPU() -> UInt64 { nanoseconds(CLOCK_PROCESS_CPUTIME_ID) }

  /// Sleeps until `time` of the monotonic clock, through signals.
  package static func sleep(untilMonotonic time: UInt64) {
    var wake = timespec(
      tv_sec: Int(time / 1_000_000_000), tv_nsec: Int(time % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, nil) == EINTR {}
  }

  private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
