import System
import Testing

@Suite struct `Lengths of time` {
  @Test(arguments: [
    ("0", Duration.zero), ("100ms", .milliseconds(100)), ("1s", .seconds(1)), ("5m", .seconds(300)),
    ("1440m", .seconds(86_400)),
  ])
  func `are spelled as Prometheus spells them`(text: String, duration: Duration) {
    #expect(Duration(spelled: text) == duration)
  }

  @Test(arguments: [
    "", "1", "-1s", "1d", "1.5s", "1441m", "9999999999ms", "s", "1 s", "٣s", "1ss",
  ])
  func `are refused in any other spelling`(text: String) {
    #expect(Duration(spelled: text) == nil)
  }

  @Test(arguments: [
    (Duration.zero, "0"), (.milliseconds(250), "250ms"), (.seconds(1), "1s"),
    (.seconds(120), "2m"), (.seconds(90), "90s"), (.nanoseconds(1), "0"),
  ])
  func `are shown in the shortest spelling`(duration: Duration, text: String) {
    #expect(duration.spelled == text)
  }

  @Test func `never trap on what no clock says`() {
    #expect(Duration.seconds(-1).wholeNanoseconds == 0)
    #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
    #expect(Duration(wholeNanoseconds: .max).wholeNanoseconds == .max)
    for seconds in [-1, -1e300, .nan, .infinity, 1e300] {
      #expect(Duration(inSeconds: seconds) == nil)
    }
    #expect(Duration(inSeconds: 1.5) == .milliseconds(1500))
  }
}

@Suite struct `Parts of a length of time` {
  /// A duration of up to 2^64 attoseconds is counted otherwise than a longer one.
  @Test func `are the same for a short one and for a long one`() {
    for nanoseconds in [0, 1, 999_999_999, 18_446_744_073, 18_446_744_074, 86_400_000_000_001] {
      let duration = Duration.nanoseconds(nanoseconds)
      #expect(duration.wholeNanoseconds == UInt64(nanoseconds))
      let (seconds, billionths) = duration.wholeSecondsAndBillionths
      #expect(seconds == UInt64(nanoseconds / 1_000_000_000))
      #expect(billionths == UInt64(nanoseconds % 1_000_000_000))
    }
    #expect(Duration.nanoseconds(-1).wholeSecondsAndBillionths == (0, 0))
  }

  @Test func `are whole nanoseconds, and none of a negative one`() {
    #expect(Duration.seconds(10).parts(4, of: 5) == .seconds(8))
    #expect(Duration.nanoseconds(11).parts(1, of: 10) == .nanoseconds(1))
    #expect(Duration.seconds(-10).parts(4, of: 5) == .zero)
  }
}

@Suite struct `Instants` {
  @Test func `a monotonic instant before another is no time after it`() {
    let early = MonotonicTime(sinceBoot: .seconds(1))
    let late = MonotonicTime(sinceBoot: .seconds(3))
    #expect(late - early == .seconds(2))
    #expect(early - late == .zero)
    #expect(MonotonicTime.midpoint(early, late) == MonotonicTime(sinceBoot: .seconds(2)))
    #expect(MonotonicTime.midpoint(late, early) == late)
  }

  @Test func `a calendar that is behind the boot shows 1970`() {
    #expect(UnixTime(sinceEpoch: .seconds(-5)).sinceEpoch == .zero)
    #expect((UnixTime(sinceEpoch: .seconds(5)) - .seconds(60)).sinceEpoch == .zero)
    #expect(UnixTime(sinceBootWithSuspends: .seconds(-9_000_000_000)).sinceEpoch == .zero)
  }

  @Test func `a calendar's instant is shown as RFC 3339`() {
    let time = UnixTime(sinceEpoch: .milliseconds(1_795_495_032_001))
    #expect(time.rfc3339 == "2026-11-24T04:37:12.001Z")
  }

  @Test func `a calendar's instant is shown as HTTP has it`() {
    #expect(
      UnixTime(sinceEpoch: .seconds(784_111_777)).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
  }
}
