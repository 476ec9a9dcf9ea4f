import Foundation
import MigrationReasons
import System
import TestSupport
import Testing

extension `Live kernel` {
  @Suite(.needs(.tool("bpftrace")))
  struct `bpftrace beside the probe` {
    /// The same counting in another program's words. Sums per reason, calls per reason and mode, and
    /// a histogram of microseconds whose bucket N holds from 2^N to below 2^(N+1).
    private static let script = """
      BEGIN { printf("ready\\n"); }
      tracepoint:migrate:mm_migrate_pages_start { @start[tid] = nsecs; }
      tracepoint:migrate:mm_migrate_pages {
        @calls[args->reason, args->mode] = count();
        @migrated[args->reason] = sum(args->succeeded);
        @failed[args->reason] = sum(args->failed);
        if (@start[tid]) {
          @nanoseconds[args->reason] = sum(nsecs - @start[tid]);
          @microseconds[args->reason] = hist((nsecs - @start[tid]) / 1000);
        }
      }
      END { clear(@start); }
      """

    @Test func `sees the same sums, and durations within a bucket`() throws {
      let bpftrace = try ChildProcess(["bpftrace", "-f", "json", "-e", Self.script])
      func output() throws -> String { String(decoding: try bpftrace.output(), as: UTF8.self) }
      try waitUntil("bpftrace counts") { try output().contains("ready") }
      var probe = try Machine.probe()
      try concurrently(2) { _ in try Workload.lieLowAndCompact(megabytes: 500) }
      let ours = try #require(Settled(&probe).totals(of: "compaction"))
      bpftrace.send(SIGINT)
      #expect(try bpftrace.wait() == .exit(0))
      let theirs = Maps(try output())

      #expect(ours.pagesMigrated > 0)
      #expect(theirs.number("@migrated", "0") == ours.pagesMigrated)
      #expect(theirs.number("@failed", "0") == ours.pagesFailed)
      for mode in ours.calls.indices {
        #expect(theirs.number("@calls", "0,\(mode)") == ours.calls[mode])
      }
      // Theirs is measured a probe further out or in, a microsecond or two, which shows in the shortest calls.
      let sum = Double(theirs.number("@nanoseconds", "0"))
      #expect(abs(Double(ours.duration.wholeNanoseconds) / sum - 1) < 0.25)
      let median = try #require(ours.medianDuration)
      let longest = bucket(of: median + .microseconds(4)) + 1
      let bucketOfTheirs = theirs.medianBucket("@microseconds", "0")
      #expect((bucket(of: median) - 1...longest).contains(bucketOfTheirs), "ours \(median)")
    }
  }
}

/// The one that holds a call of that duration, where bucket N goes up to 2^N microseconds.
private func bucket(of duration: Duration) -> Int {
  (0..<25).first { duration <= .microseconds(1 << $0) } ?? 25
}

/// What bpftrace prints of its maps: a line of JSON each.
private struct Maps {
  private var maps: [String: [String: Any]] = [:]

  init(_ output: String) {
    for line in output.split(separator: "\n") {
      let object = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      guard let data = object?["data"] as? [String: [String: Any]] else { continue }
      maps.merge(data) { $1 }
    }
  }

  /// 0 for a key that never came.
  func number(_ map: String, _ key: String) -> UInt64 {
    (maps[map]?[key] as? NSNumber)?.uint64Value ?? 0
  }

  /// The first bound above all of the bucket that holds the median, as a power of two.
  func medianBucket(_ map: String, _ key: String) -> Int {
    let buckets = maps[map]?[key] as? [[String: Any]] ?? []
    func value(_ bucket: [String: Any], _ name: String) -> Int {
      (bucket[name] as? NSNumber)?.intValue ?? 0
    }
    var rest = buckets.reduce(0) { $0 + value($1, "count") } / 2
    let median = buckets.first { bucket in
      rest -= value(bucket, "count")
      return rest < 0
    }
    let last = median.map { value($0, "max") } ?? 0
    return last <= 0 ? 0 : Int(log2(Double(last + 1)))
  }
}
