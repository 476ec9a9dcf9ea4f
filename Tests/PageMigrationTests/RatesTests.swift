import Histograms
import PageMigration
import System
import TestSupport
import Testing

private let second = Duration.seconds(1)

private func at(_ seconds: Double) -> MonotonicTime { .init(sinceBoot: .seconds(seconds)) }

private typealias Reading = (seconds: Double, value: UInt64)

/// A snapshot in which each of the five counters has this value.
private func snapshot(_ value: UInt64) -> CounterSnapshot {
  CounterSnapshot(
    Dictionary(uniqueKeysWithValues: SampledCounter.allCases.map { ($0.source, value) }))
}

/// What follows from snapshots of (seconds, value), sampled each `interval` seconds.
private func sampled(
  _ readings: [Reading], interval: Double = 1
) -> SampledRates {
  var sampled = SampledRates(interval: .seconds(interval))
  for reading in readings {
    sampled.add(snapshot(reading.value), at: at(reading.seconds))
  }
  return sampled
}

/// A reading each second from 0 on: the counter grows by one element after the other.
private func eachSecond(_ increases: [UInt64]) -> [Reading] {
  var value: UInt64 = 1000
  var readings: [Reading] = [(0, value)]
  for (index, increase) in increases.enumerated() {
    value += increase
    readings.append((Double(index + 1), value))
  }
  return readings
}

private func close(_ one: Double?, _ other: Double?) -> Bool {
  guard let one, let other else { return one == nil && other == nil }
  return abs(one - other) <= 1e-9 * max(1, abs(other))
}

@Suite struct `Sliding rates` {
  struct Case: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let readings: [(seconds: Double, value: UInt64)]
    let interval: Double
    let latest: Double?
    let means: [Double?]
    let maxima: [Double?]
  }

  /// One call a case: as a single literal the table is too much for the type checker.
  static let cases: [Case] = {
    var cases: [Case] = []
    func check(
      _ description: String, _ readings: [Reading], interval: Double = 1, latest: Double?,
      means: [Double?], maxima: [Double?]
    ) {
      cases.append(
        Case(
          testDescription: description, readings: readings, interval: interval, latest: latest,
          means: means, maxima: maxima))
    }
    /// A counter that grows by `increase` each `interval` seconds.
    func steady(_ count: Int, _ increase: UInt64, interval: Double = 1) -> [Reading] {
      (0...count).map { (Double($0) * interval, UInt64($0) * increase) }
    }

    check(
      "nothing is known before the second snapshot", [(0, 5)], latest: nil,
      means: [nil, nil, nil], maxima: [nil, nil])
    check(
      "no window is full in the first seconds", steady(3, 7), latest: 7, means: [nil, nil, nil],
      maxima: [nil, nil])
    check(
      "the 10 s window is full after ten intervals", steady(10, 3), latest: 3,
      means: [3, nil, nil], maxima: [nil, nil])
    check(
      "a burst leaves the 10 s window after ten seconds",
      eachSecond([500] + Array(repeating: 0, count: 10)), latest: 0, means: [0, nil, nil],
      maxima: [nil, nil])
    check(
      "a burst stays in the mean and the peak of the minute",
      eachSecond([0, 600] + Array(repeating: 0, count: 58)), latest: 0, means: [0, 10, nil],
      maxima: [600, nil])
    check(
      "five minutes of a steady rate fill every window", steady(300, 42), latest: 42,
      means: [42, 42, 42], maxima: [42, 42])
    check(
      "a late interval is divided by its true length", steady(9, 10) + [(10.25, 115)],
      latest: 20, means: [115 / 10.25, nil, nil], maxima: [nil, nil])
    var jittered = steady(60, 100)
    for index in jittered.indices where index % 2 == 0 { jittered[index].seconds += 0.003 }
    check(
      "a jitter of some milliseconds changes no window", jittered, latest: 100 / 1.003,
      means: [100, 100, nil], maxima: [100 / 0.997, nil])
    check(
      "a reset makes its interval and its windows unknown", steady(15, 10) + [(16, 0), (17, 5)],
      latest: 5, means: [nil, nil, nil], maxima: [nil, nil])
    let afterReset: [Reading] = (0...10).map { (Double(16 + $0), UInt64($0) * 2) }
    check(
      "ten seconds after a reset the 10 s window is whole again", steady(15, 10) + afterReset,
      latest: 2, means: [2, nil, nil], maxima: [nil, nil])
    check(
      "a jump that no machine makes is unknown, as is its window",
      steady(15, 10) + [(16, .max), (17, .max)], latest: 0, means: [nil, nil, nil],
      maxima: [nil, nil])
    check(
      "the largest increase that is taken is 2^48", [(0, 5), (1, 5 + 1 << 48)],
      latest: 0x1p48, means: [nil, nil, nil], maxima: [nil, nil])
    check(
      "and one more is not", [(0, 5), (1, 6 + 1 << 48)], latest: nil, means: [nil, nil, nil],
      maxima: [nil, nil])
    check(
      "a gap of half a minute is no 10 s window", steady(20, 10) + [(50, 500)], latest: 10,
      means: [nil, nil, nil], maxima: [nil, nil])
    /// A reading each second, but none from 40 to 60.
    let paused = steady(100, 10).filter { !(40.5..<59.5).contains($0.seconds) }
    check(
      "a pause leaves the minute's mean, and makes its peak unknown: a storm may have been within",
      paused, latest: 10, means: [10, 10, nil], maxima: [nil, nil])
    check(
      "a minute after a pause there is a peak again",
      paused + (101...120).map { (Double($0), UInt64($0) * 10) }, latest: 10,
      means: [10, 10, nil], maxima: [10, nil])
    check(
      "two readings that were missed are no pause",
      steady(60, 10).filter { $0.seconds != 30 && $0.seconds != 31 },
      latest: 10, means: [10, 10, nil], maxima: [10, nil])
    check(
      "an interval of 60 s has no 10 s window", steady(5, 600, interval: 60), interval: 60,
      latest: 10, means: [nil, 10, 10], maxima: [10, 10])
    check(
      "an interval of 100 ms fills the 10 s window with a hundred",
      steady(100, 5, interval: 0.1), interval: 0.1, latest: 50, means: [50, nil, nil],
      maxima: [nil, nil])
    return cases
  }()

  @Test(arguments: cases)
  func `follow from the snapshots`(_ example: Case) {
    let sampled = sampled(example.readings, interval: example.interval)
    for counter in SampledCounter.allCases {
      let rates = sampled.rates[counter]
      #expect(close(rates.latest, example.latest))
      for (window, mean) in zip(RateWindow.allCases, example.means) {
        #expect(close(rates.mean(window), mean), "\(window.label)")
      }
      for (window, maximum) in zip(RateWindow.withMaximum, example.maxima) {
        #expect(close(rates.maximum(window), maximum), "\(window.label)")
      }
    }
  }

  @Test func `a reset is counted once, whatever number of counters went back`() {
    #expect(sampled([(0, 100), (1, 200), (2, 0), (3, 10)]).resets == 1)
  }

  @Test func `a jump is no reset, and no histogram has it`() {
    let sampled = sampled([(0, 5), (1, 5), (2, .max), (3, .max)])
    #expect(sampled.resets == 0)
    #expect(sampled.migratedHistogram.sum == 0)
    #expect(sampled.migratedHistogram.counts.reduce(0, +) == 2)
  }

  @Test func `a pause is in no histogram: how the rate went in it is not known`() {
    let sampled = sampled([(0, 0), (1, 10), (21, 50_000), (22, 50_010)])
    #expect(sampled.migratedHistogram.sum == 20)
    #expect(sampled.migratedHistogram.counts.reduce(0, +) == 2)
  }

  /// The sampler was held up until just before its next reading was due.
  @Test func `what was held up is no burst of the next milliseconds`() {
    var readings: [Reading] = (0...60).map { (Double($0), UInt64($0) * 5000) }
    readings[30] = (30.994, 154_970)
    let sampled = sampled(readings)
    let rates = sampled.rates[.pagesMigrated]
    #expect(sampled.history.count == 59)
    #expect(rates.mean(.oneMinute) == 5000 && rates.maximum(.oneMinute)! < 10_000)
    #expect(sampled.migratedHistogram.counts.reduce(0, +) == 59)
  }

  @Test func `a wrap of one counter leaves the rates of the others`() {
    var sampled = SampledRates(interval: second)
    for time in 0...12 {
      let wrapped: UInt64 = time < 6 ? UInt64(UInt32.max) - 10 + UInt64(time) : UInt64(time)
      sampled.add(
        CounterSnapshot([.migrateSuccess: wrapped, .migrateFail: UInt64(time) * 4]),
        at: at(Double(time)))
    }
    #expect(sampled.rates[.pagesMigrated].mean(.tenSeconds) == nil)
    #expect(sampled.rates[.pagesFailed].mean(.tenSeconds) == 4)
    #expect(sampled.resets == 1)
  }

  @Test func `a counter that the kernel lacks has no rate, and its absence is no reset`() {
    var sampled = SampledRates(interval: second)
    for time in 0...12 {
      sampled.add(CounterSnapshot([.migrateSuccess: UInt64(time)]), at: at(Double(time)))
    }
    #expect(sampled.rates[.pagesMigrated].mean(.tenSeconds) == 1)
    #expect(sampled.rates[.thpMigrated].latest == nil)
    #expect(sampled.resets == 0)
  }

  @Test func `two snapshots of the same instant are one`() {
    let sampled = sampled([(0, 1), (1, 2), (1, 3), (2, 4)])
    #expect(sampled.history.count == 2)
    #expect(sampled.rates[.pagesMigrated].latest == 2)
  }
}

/// A generator whose numbers are the same in every run.
private struct Numbers: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

@Suite struct `For any snapshots` {
  /// Snapshots with jitter, gaps, bursts and, for every seed but the first ten, resets.
  static func readings(seed: UInt64) -> [(time: MonotonicTime, value: UInt64)] {
    var numbers = Numbers(state: seed)
    var (time, value): (MonotonicTime, UInt64) = (at(1), 1 << 40)
    var readings: [(time: MonotonicTime, value: UInt64)] = []
    for _ in 0..<700 {
      readings.append((time, value))
      time = time + .microseconds(900_000 + Int.random(in: 0...200_000, using: &numbers))
      if Int.random(in: 0..<50, using: &numbers) == 0 { time = time + second * 3 }
      value += UInt64.random(
        in: 0...1 << UInt64.random(in: 0...30, using: &numbers), using: &numbers)
      if seed >= 10, Int.random(in: 0..<200, using: &numbers) == 0 { value = 0 }
    }
    return readings
  }

  @Test(arguments: UInt64(0)..<20)
  func `rate times elapsed time is the increase, and no peak is below its mean`(seed: UInt64) {
    var sampled = SampledRates(interval: second)
    let readings = Self.readings(seed: seed)
    var (grown, resets): (UInt64, UInt64) = (0, 0)
    for (index, reading) in readings.enumerated() {
      sampled.add(snapshot(reading.value), at: reading.time)
      let rates = sampled.rates[.pagesMigrated]
      for window in RateWindow.withMaximum {
        guard let maximum = rates.maximum(window) else { continue }
        #expect(rates.mean(window).map { maximum >= $0 * (1 - 1e-12) } == true)
      }
      guard index > 0 else { continue }
      let earlier = readings[index - 1]
      if reading.value < earlier.value {
        resets += 1
        #expect(rates.latest == nil)
      } else if index >= readings.count - 600 {
        grown += reading.value - earlier.value
      }
    }
    #expect(sampled.resets == resets)
    let sum = sampled.history.reduce(0.0) {
      $0 + ($1.rate(of: .pagesMigrated) ?? 0) * $1.elapsed.inSeconds
    }
    #expect(abs(sum - Double(grown)) <= 1e-9 * Double(grown))
  }

  @Test(arguments: [UInt64(0), 5, 10, 15])
  func `a window's rates are those of the last intervals that come closest to its length`(
    seed: UInt64
  ) {
    var sampled = SampledRates(interval: second)
    let readings = Self.readings(seed: seed)
    for (index, reading) in readings.enumerated() {
      sampled.add(snapshot(reading.value), at: reading.time)
      let rates = sampled.rates[.pagesMigrated]
      for window in RateWindow.allCases {
        let wanted = Self.walk(back: window, over: readings[...index])
        #expect(rates.mean(window) == wanted?.mean, "\(window.label) after \(index)")
        #expect(rates.maximum(window) == wanted?.maximum, "\(window.label) after \(index)")
      }
    }
  }

  /// The plainest way to a window's rates: from its end, until it is long enough.
  private static func walk(
    back window: RateWindow, over readings: ArraySlice<(time: MonotonicTime, value: UInt64)>
  ) -> (mean: Double, maximum: Double?)? {
    let last = readings.last!
    var (increase, maximum, hasPause): (UInt64, Double, Bool) = (0, 0, false)
    for (later, earlier) in zip(readings.reversed(), readings.reversed().dropFirst()) {
      guard later.value >= earlier.value else { return nil }
      increase += later.value - earlier.value
      maximum = max(
        maximum, (later.time - earlier.time).rate(of: later.value - earlier.value))
      if later.time - earlier.time > second * 3 { hasPause = true }
      let elapsed = last.time - earlier.time
      guard elapsed + second / 2 >= window.length else { continue }
      return elapsed - window.length <= second
        ? (elapsed.rate(of: increase), hasPause ? nil : maximum) : nil
    }
    return nil
  }

  @Test(arguments: UInt64(0)..<20)
  func `a histogram counts each interval that was neither broken nor a pause`(seed: UInt64) {
    var sampled = SampledRates(interval: second)
    let readings = Self.readings(seed: seed)
    for reading in readings { sampled.add(snapshot(reading.value), at: reading.time) }
    let observations = sampled.migratedHistogram.counts.reduce(0, +)
    let counted = zip(readings, readings.dropFirst())
      .filter { $1.value >= $0.value && $1.time - $0.time <= second * 3 }
    #expect(observations == UInt64(counted.count))
    #expect(sampled.migratedHistogram == sampled.failedHistogram)
  }

  @Test func `the history keeps ten minutes and no more`() {
    var sampled = SampledRates(interval: second)
    for time in 0...2000 { sampled.add(snapshot(UInt64(time)), at: at(Double(time))) }
    #expect(sampled.history.count == 600)
    #expect(sampled.history.first?.end == at(1401))
    #expect(sampled.history.last?.end == at(2000))
  }

  /// In a process of its own, where nobody else takes memory. The samples are ten times as many for
  /// `make soak`: a build for debugging takes minutes for them.
  @Test func `an hour of samples takes no more memory than its first quarter`() async {
    await #expect(processExitsWith: .success) {
      func resident() throws -> Int {
        let status = try Files.text("/proc/self/status")
        return Int(try #require(status.firstMatch(of: /VmRSS:\s+(\d+) kB/)).1)!
      }
      let interval = Environment.value("SOAK") == nil ? 1.0 : 0.1
      let hour = Int(3600 / interval)
      var sampled = SampledRates(interval: .seconds(interval))
      // Once for what asking takes itself.
      var quarter = try resident()
      for number in 0..<hour {
        sampled.add(snapshot(UInt64(number)), at: at(Double(number) * interval))
        if number == hour / 4 { quarter = try resident() }
      }
      #expect(try resident() <= quarter + 1024)
      #expect(sampled.history.count == Int(600 / interval))
    }
  }
}

@Suite struct `The histogram of rates` {
  @Test(arguments: [
    (0.0, 0), (0.5, 1), (1, 1), (1.01, 2), (10, 2), (99, 3), (1000, 4), (123_456, 7),
    (1e7, 8), (1.1e7, 9),
  ])
  func `puts a rate into the bucket of the least bound that holds it`(
    rate: Double, bucket: Int
  ) throws {
    var histogram = RateHistogram()
    histogram.observe(rate)
    let place = try #require(histogram.counts.firstIndex(of: 1))
    #expect((0...9).first { place < RateHistogram.scale.classicEnd($0) } == bucket)
    #expect(histogram.counts.reduce(0, +) == 1)
    #expect(histogram.sum == rate)
  }
}

@Suite struct `The schedule of samples` {
  @Test(arguments: [
    (now: 0.0, missed: 0, next: 1.0),
    (now: 0.4, missed: 0, next: 1.0),
    (now: 0.6, missed: 1, next: 2.0),
    (now: 1.2, missed: 1, next: 2.0),
    (now: 1.7, missed: 2, next: 3.0),
    (now: 10.3, missed: 10, next: 11.0),
  ])
  func `keeps to whole intervals and counts those that were missed`(
    now: Double, missed: UInt64, next: Double
  ) {
    var schedule = SamplingSchedule(start: at(5), interval: second)
    #expect(schedule.advance(past: at(5 + now)) == missed)
    #expect(schedule.deadline == at(5 + next))
  }

  @Test func `does not drift`() {
    var schedule = SamplingSchedule(start: at(0), interval: second)
    for _ in 0..<1000 { _ = schedule.advance(past: schedule.deadline + .microseconds(70)) }
    #expect(schedule.deadline == at(1000))
  }
}
