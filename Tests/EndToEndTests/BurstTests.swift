import KernelText
import Synchronization
import TestSupport
import Testing

/// What `/proc/vmstat` says every 100 ms, read beside the exporter.
private final class Witness: Sendable {
  struct Reading {
    let time: UInt64
    let migrated: UInt64
  }

  private let readings = Mutex<[Reading]>([])
  private let isDone = Mutex(false)

  /// Reads until `stop`, on a thread of its own.
  func start() -> TestSupport.Thread {
    TestSupport.Thread { [self] in
      var due = Clocks.monotonic()
      while !isDone.withLock({ $0 }) {
        if let migrated = Self.migrated() {
          let now = Clocks.monotonic()
          readings.withLock { $0.append(Reading(time: now, migrated: migrated)) }
        }
        due += 100_000_000
        Clocks.sleep(untilMonotonic: due)
      }
    }
  }

  func stop() { isDone.withLock { $0 = true } }

  /// The most that was migrated in any stretch of `nanoseconds`, to within a reading more or less.
  ///
  /// - Parameter since: the earliest reading that counts.
  func most(in nanoseconds: UInt64, since begin: UInt64 = 0) -> UInt64 {
    readings.withLock { readings in
      let readings = readings.filter { $0.time >= begin }
      var first = 0
      return readings.indices.reduce(0) { most, last in
        while readings[last].time - readings[first].time > nanoseconds { first += 1 }
        return max(most, readings[last].migrated - readings[first].migrated)
      }
    }
  }

  /// Not with the exporter's own parser.
  private static func migrated() -> UInt64? {
    guard let text = try? Files.text("/proc/vmstat") else { return nil }
    for line in text.split(separator: "\n") {
      let pair = line.split(separator: " ")
      if pair.first == "pgmigrate_success" { return UInt64(pair[1]) }
    }
    return nil
  }
}

@Suite struct `A burst between two scrapes` {
  @Test(.needs(.root))
  func `shows in the peak and in the histogram, the same to two scrapers`() throws {
    let exporter = try ServingExporter()
    let witness = Witness()
    let thread = witness.start()
    // The peak of a minute is known after a minute.
    Clocks.sleep(untilMonotonic: Clocks.monotonic() + 48_000_000_000)
    let before = try exporter.get("/metrics").text
    let memory = try FragmentedMemory(mebibytes: 512)
    try FragmentedMemory.compactAll()
    Clocks.sleep(untilMonotonic: Clocks.monotonic() + 15_000_000_000)
    let (one, other) = try sameIntervalScrapes(exporter)
    witness.stop()
    thread.join()
    withExtendedLifetime(memory) {}

    let peak = try #require(value(#"_pages_migrated_per_second_max{window="1m"}"#, one))
    // An interval is a second long, give or take some milliseconds, and lies anywhere.
    // Another test's burst may have left the minute meanwhile.
    let surely = Double(
      witness.most(in: 100_000_000, since: Clocks.monotonic() - 57_000_000_000))
    let atMost = Double(witness.most(in: 1_300_000_000))
    #expect(surely > 0 && peak >= surely * 0.8 && peak <= atMost * 1.2)

    // Fewer intervals were quiet than there were intervals: the histogram holds the burst.
    let quiet = #"_sampled_pages_migrated_per_second_bucket{le="100.0"}"#
    let count = "_sampled_pages_migrated_per_second_count"
    func loud(_ exposition: String) throws -> Double {
      let (all, silent) = (value(count, exposition), value(quiet, exposition))
      return try #require(all) - #require(silent)
    }
    #expect(try loud(one) > loud(before))
    #expect(sampled(one) == sampled(other))
    #expect(try exporter.stop() == .exit(0))
  }
}

/// Two scrapes between which no sample was taken.
private func sameIntervalScrapes(_ exporter: ServingExporter) throws -> (String, String) {
  let count = "_sampled_pages_migrated_per_second_count"
  while true {
    let (one, other) = (try exporter.get("/metrics").text, try exporter.get("/metrics").text)
    if value(count, one) == value(count, other) { return (one, other) }
  }
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
