import System
import Testing

@Suite struct `The boot's time` {
  private let boot = UnixTime(sinceEpoch: .seconds(1_700_000_000))

  @Test func `is the same at each reading`() throws {
    var time = BootTime()
    let read = time.read()
    let first = try #require(read)
    for _ in 0..<1000 {
      let again = time.read()
      #expect(again == first)
    }
    #expect(first <= .now)
    let leapt = time.keep(first + .seconds(1))  // By a leap second
    #expect(leapt == first)
  }

  @Test func `moves with whoever sets the clock`() {
    var time = BootTime()
    let times = [boot, boot + .seconds(3600), boot]
    let kept = times.map { time.keep($0) }
    #expect(kept == times)
  }

  @Test func `is not known while the clock has not been set`() {
    var time = BootTime()
    let kept = [UnixTime(sinceEpoch: .zero), UnixTime(sinceEpoch: .seconds(86_400)), boot]
      .map { time.keep($0) }
    #expect(kept == [nil, nil, boot])
  }

  @Test func `is that of an instant since the boot, too`() {
    let now = BootInstant.now
    #expect(now.sinceBoot > .zero && BootInstant.now.sinceBoot >= now.sinceBoot)
  }
}

@Suite struct `A length of time as a number` {
  @Test(arguments: [
    (Duration.nanoseconds(1), 1e-9), (.milliseconds(1500), 1.5),
    (.nanoseconds(1_795_353_693_123_456_789), 1_795_353_693.123_456_789),
    (.nanoseconds(9_007_199_254_740_993), 9_007_199.254_740_993),
  ])
  func `is the one that its text would be read as`(duration: Duration, seconds: Double) {
    #expect(duration.inSeconds == seconds)
  }
}
