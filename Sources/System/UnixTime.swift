internal import Glibc

/// An instant of the calendar, CLOCK_REALTIME: time since 1970-01-01 UTC. Whoever sets the clock
/// moves it, so it measures nothing: it only says when.
package struct UnixTime: Comparable, Hashable, Sendable {
  /// Never negative: a clock before 1970 is shown as 1970.
  package let sinceEpoch: Duration

  package init(sinceEpoch: Duration) { self.sinceEpoch = max(sinceEpoch, .zero) }

  package static var now: UnixTime {
    UnixTime(sinceEpoch: .init(wholeNanoseconds: clock(CLOCK_REALTIME)))
  }

  package static func < (one: Self, other: Self) -> Bool { one.sinceEpoch < other.sinceEpoch }

  package static func - (time: Self, age: Duration) -> Self {
    UnixTime(sinceEpoch: time.sinceEpoch - age)
  }

  package static func + (time: Self, age: Duration) -> Self {
    UnixTime(sinceEpoch: time.sinceEpoch + age)
  }

  /// When something was that began so long after the boot (CLOCK_BOOTTIME). On a board without a
  /// battery the calendar may say less than the time since boot: then it is 1970.
  package init(sinceBootWithSuspends age: Duration) {
    let calendar = UnixTime.now.sinceEpoch
    let boot = Duration(wholeNanoseconds: clock(CLOCK_BOOTTIME))
    self.init(sinceEpoch: calendar - boot + age)
  }

  /// RFC 3339 in UTC, to the millisecond: `2026-11-24T04:37:12.001Z`.
  package var rfc3339: String {
    let (seconds, nanoseconds) = sinceEpoch.wholeSecondsAndBillionths
    var whole = time_t(seconds)
    var parts = unsafe tm()
    unsafe gmtime_r(&whole, &parts)
    let (year, month, day) = unsafe (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
    let millisecond = nanoseconds / 1_000_000
    return
      "\(year)-\(padded(month, 2))-\(padded(day, 2))T\(unsafe timeOfDay(parts)).\(padded(Int32(millisecond), 3))Z"
  }

  /// As HTTP has it (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
  package var httpDate: String {
    var whole = time_t(sinceEpoch.components.seconds)
    var parts = unsafe tm()
    unsafe gmtime_r(&whole, &parts)
    let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][unsafe Int(parts.tm_wday)]
    let months = [
      "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    let date =
      unsafe "\(padded(parts.tm_mday, 2)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
    return "\(day), \(date) \(unsafe timeOfDay(parts)) GMT"
  }

  /// The time of the day where this machine is: `12:34:56`, or `12:34:56.7`.
  package func localTimeOfDay(tenths: Bool = false) -> String {
    var whole = time_t(sinceEpoch.components.seconds)
    var parts = unsafe tm()
    unsafe localtime_r(&whole, &parts)
    let tenth = sinceEpoch.wholeSecondsAndBillionths.billionths / 100_000_000
    return unsafe timeOfDay(parts) + (tenths ? ".\(tenth)" : "")
  }
}

private func timeOfDay(_ parts: tm) -> String {
  unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map { padded($0, 2) }.joined(separator: ":")
}

private func padded(_ number: Int32, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
