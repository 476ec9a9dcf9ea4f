import FoundationEssentials
import Synchronization
import System
import TestSupport
import Testing

/// What `/proc/vmstat` says every 20 ms, read beside the exporter and not with its parser.
private final class Witness: Sendable {
  struct Reading {
    let begin: MonotonicTime
    let end: MonotonicTime
    let migrated: UInt64
  }

  private let readings = Mutex<[Reading]>([])
  private let isDone = Mutex(false)

  /// Reads until `stop`, on a thread of its own.
  func start() -> TestSupport.Thread {
    TestSupport.Thread { [self] in
      while !isDone.withLock({ $0 }) {
        let begin = MonotonicTime.now
        if let migrated = Self.migrated() {
          readings.withLock {
            $0.append(Reading(begin: begin, end: .now, migrated: migrated))
          }
        }
        (begin + .milliseconds(20)).sleep()
      }
    }
  }

  func stop() { isDone.withLock { $0 = true } }

  /// How many pages moved from one instant to another, at least and at most. Nil where it was not
  /// reading at both.
  func migrated(from begin: MonotonicTime, to end: MonotonicTime) -> ClosedRange<UInt64>? {
    readings.withLock { readings in
      guard let before = readings.last(where: { $0.end <= begin }),
        let first = readings.first(where: { $0.begin >= begin }),
        let last = readings.last(where: { $0.end <= end }),
        let after = readings.first(where: { $0.begin >= end })
      else { return nil }
      let least = last.migrated - min(last.migrated, first.migrated)
      return least...max(least, after.migrated - before.migrated)
    }
  }

  static func migrated() -> UInt64? {
    guard let text = try? Files.text("/proc/vmstat") else { return nil }
    for line in text.split(separator: "\n") {
      let pair = line.split(separator: " ")
      if pair.first == "pgmigrate_success" { return UInt64(pair[1]) }
    }
    return nil
  }
}

/// What `/rates` says of the sampler's intervals.
private struct Rates: Decodable {
  struct Interval: Decodable {
    let time: Double
    let seconds: Double
    let pagesMigrated: UInt64
  }

  let time: Double
  let monotonicSeconds: Double
  let history: [Interval]

  init(_ exporter: ServingExporter) throws {
    let text = try exporter.get("/rates?history=60s").text
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    self = try decoder.decode(Rates.self, from: Data(text.utf8))
  }

  /// When the interval began and ended.
  func bounds(of interval: Interval) -> (begin: MonotonicTime, end: MonotonicTime) {
    let end = monotonicSeconds - (time - interval.time)
    return (
      MonotonicTime(sinceBoot: .seconds(end - interval.seconds)),
      MonotonicTime(sinceBoot: .seconds(end))
    )
  }
}

@Suite struct `A burst between two scrapes` {
  @Test(.needs(.root), .timeLimit(.minutes(2)))
  func `shows in the history and in the histogram, the same to two scrapers`() throws {
    let exporter = try ServingExporter(["--collector.rates.interval=200ms"])
    let witness = Witness()
    let thread = witness.start()
    try burst(ofAtLeast: 2000)
    try waitUntil("five intervals have gone by") { [end = MonotonicTime.now + .seconds(1)] in
      .now > end
    }
    let (one, other) = try sameIntervalScrapes(exporter)
    let rates = try Rates(exporter)
    (MonotonicTime.now + .milliseconds(100)).sleep()
    witness.stop()
    thread.join()

    // The kernel adds up somewhere within the exporter's reading, which takes some time itself.
    let margin = Duration.milliseconds(40)
    var compared = 0
    for interval in rates.history {
      let (begin, end) = rates.bounds(of: interval)
      guard let atLeast = witness.migrated(from: begin + margin, to: end - margin),
        let atMost = witness.migrated(from: begin - margin, to: end + margin)
      else { continue }
      compared += 1
      #expect(
        (atLeast.lowerBound...atMost.upperBound).contains(interval.pagesMigrated),
        "\(interval) of \(rates.history)")
    }
    #expect(compared >= 3)

    // The histogram holds each interval of the history, and the loud ones in their buckets.
    let loud = rates.history.filter { Double($0.pagesMigrated) / $0.seconds > 100 }.count
    let quiet = value(#"_sampled_pages_migrated_per_second_bucket{le="100.0"}"#, one)
    let all = value("_sampled_pages_migrated_per_second_count", one)
    let (above, below) = (try #require(all), try #require(quiet))
    #expect(loud >= 1 && above - below >= 1 && above - below <= Double(loud))
    #expect(sampled(one) == sampled(other))
    #expect(try exporter.stop() == .exit(0))
  }

  /// Gives compaction work until it has done some: what it finds depends on where memory lies, so
  /// new memory is taken before the last is given back.
  private func burst(ofAtLeast pages: UInt64) throws {
    let begin = try #require(Witness.migrated())
    var memory: [FragmentedMemory] = []
    while try #require(Witness.migrated()) < begin + pages {
      memory.append(try FragmentedMemory(mebibytes: 256))
      if memory.count > 2 { memory.removeFirst() }
      try FragmentedMemory.compactAll()
    }
  }
}

/// Two scrapes between which no sample was taken.
private func sameIntervalScrapes(_ exporter: ServingExporter) throws -> (String, String) {
  let count = "_sampled_pages_migrated_per_second_count"
  for _ in 1...100 {
    let (one, other) = (try exporter.get("/metrics").text, try exporter.get("/metrics").text)
    if value(count, one) == value(count, other) { return (one, other) }
  }
  throw Failure("a sample was taken between each two of 200 scrapes")
}

/// The lines of the sampler.
private func sampled(_ exposition: String) -> [Substring] {
  exposition.split(separator: "\n").filter { $0.contains("_per_second") && !$0.hasPrefix("#") }
}

/// The value of the metric whose name and labels end so.
private func value(_ metric: String, _ exposition: String) -> Double? {
  exposition.split(separator: "\n").first { $0.contains(metric + " ") }
    .flatMap { $0.split(separator: " ").last }.flatMap { Double($0) }
}
