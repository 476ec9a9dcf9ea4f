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
}
