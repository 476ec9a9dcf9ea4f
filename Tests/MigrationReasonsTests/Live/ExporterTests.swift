import Glibc
import KernelText
import MigrationReasons
import System
import TestSupport
import Testing

extension `Live kernel` {
  @Suite struct `The exporter with reasons` {
    @Test func `has no capability left, in any thread, and keeps counting`() throws {
      let exporter = try ServingExporter(["--collector.reasons"])
      let tasks = "/proc/\(exporter.process.pid)/task"
      let threads = try Files.list(tasks)
      #expect(threads.count > 1)
      for thread in threads {
        let status = try Files.text("\(tasks)/\(thread)/status")
        let lines = status.split(separator: "\n")
        let capabilities = lines.filter { $0.hasPrefix("Cap") }
        #expect(capabilities.count == 5)
        #expect(capabilities.allSatisfy { $0.hasSuffix("\t0000000000000000") })
        #expect(lines.contains("NoNewPrivs:\t1"))
      }

      let calls = "pagemigration_reason_calls_total{reason=\"compaction\",mode=\"MIGRATE_SYNC\"}"
      let before = try #require(scrape(exporter)[calls])
      try Workload.lieLowAndCompact(megabytes: 100)
      let after = try #require(scrape(exporter)[calls])
      #expect(after > before)
    }

    @Test func `shows every reason in every mode from the first scrape`() throws {
      let exporter = try ServingExporter(["--collector.reasons", "--no-collector.node"])
      let values = try scrape(exporter)
      let tracepoints = try Machine.tracepoints()
      for reason in tracepoints.reasons.map(\.name) {
        for metric in ["pages_migrated", "pages_failed", "thp_migrated", "thp_failed", "thp_split"]
        {
          #expect(values["pagemigration_reason_\(metric)_total{reason=\"\(reason)\"}"] != nil)
        }
        for mode in tracepoints.modes.map(\.name) {
          let calls = "pagemigration_reason_calls_total{reason=\"\(reason)\",mode=\"\(mode)\"}"
          #expect(values[calls] != nil)
        }
        let duration = "pagemigration_reason_call_duration_seconds"
        #expect(
          values["\(duration)_bucket{reason=\"\(reason)\",le=\"+Inf\"}"]
            == values["\(duration)_count{reason=\"\(reason)\"}"])
      }
      let attached = try #require(values["pagemigration_reasons_attached_timestamp_seconds"])
      #expect(abs(attached - UnixTime.now.sinceEpoch.inSeconds) < 60)
      #expect(values["pagemigration_scrape_collector_success{collector=\"reasons\"}"] == 1)
    }

    @Test func `serves all else where there is no tracefs, and says why once`() throws {
      let exporter = try ServingExporter(["--collector.reasons", "--path.tracefs=/nowhere"])
      let values = try scrape(exporter)
      let problems = try exporter.log("collector=reasons")
      #expect(problems.count == 1)
      #expect(problems.first?.contains("mount -t tracefs nodev /nowhere") == true)
      #expect(values["pagemigration_scrape_collector_success{collector=\"reasons\"}"] == 0)
      #expect(values["pagemigration_scrape_collector_success{collector=\"vmstat\"}"] == 1)
      #expect(!values.keys.contains { $0.hasPrefix("pagemigration_reason") })
    }

    @Test(.needs(.causes))
    func `shows every cause and kind of every reason, and they add up`() throws {
      let exporter = try ServingExporter(["--collector.causes"])
      let files = try Workload.keep("held-low", "64")
      try Machine.compact()
      withExtendedLifetime(files) {}
      let values = try scrape(exporter)
      for reason in try Machine.tracepoints().reasons.map(\.name) {
        let failed = try #require(
          values["pagemigration_reason_pages_failed_total{reason=\"\(reason)\"}"])
        let causes = try FailureCause.allCases.map { cause in
          try #require(
            values[
              "pagemigration_cause_pages_failed_total{reason=\"\(reason)\",cause=\"\(cause.rawValue)\"}"
            ])
        }
        #expect(causes.reduce(0, +) == failed)
        for kind in FailureKind.allCases {
          #expect(
            values[
              "pagemigration_kind_pages_failed_total{reason=\"\(reason)\",kind=\"\(kind.rawValue)\"}"
            ] != nil)
        }
      }
      let methods = CausesMethod.allCases.compactMap {
        values["pagemigration_causes_info{method=\"\($0.rawValue)\"}"]
      }
      #expect(methods == [1])
      #expect(values["pagemigration_scrape_collector_success{collector=\"causes\"}"] == 1)
    }

    /// A kernel either lets programs be attached to its functions, or it does not.
    @Test func `times waits, or says once why not and serves all else`() throws {
      let exporter = try ServingExporter(["--collector.waits"])
      let values = try scrape(exporter)
      let problems = try exporter.log("collector=waits")
      let success = try #require(
        values["pagemigration_scrape_collector_success{collector=\"waits\"}"])
      #expect(problems.count == (success == 1 ? 0 : 1))
      #expect(values.keys.contains { $0.hasPrefix("pagemigration_wait_seconds") } == (success == 1))
      #expect(values["pagemigration_scrape_collector_success{collector=\"vmstat\"}"] == 1)
    }

    @Test(.needs(.tool("bpftool")))
    func `leaves no program and no map when it is killed`() throws {
      let before = try Loaded()
      let exporter = try ServingExporter(["--collector.causes"])
      let during = try Loaded().subtracting(before)
      #expect(during.programs.count >= 2)
      #expect(during.maps.count >= 3)
      exporter.process.send(SIGKILL)
      #expect(try exporter.process.wait() == .signal(9))
      // The kernel frees them after a grace period.
      try waitUntil("they are gone", limitSeconds: 10) {
        try Loaded().intersection(during).isEmpty
      }
    }
  }
}

/// The values of one scrape, by metric and labels.
private func scrape(_ exporter: ServingExporter) throws -> [String: Double] {
  let lines = try exporter.get("/metrics").text.split(separator: "\n")
  return lines.filter { !$0.hasPrefix("#") }.reduce(into: [:]) { values, line in
    guard let space = line.lastIndex(of: " ") else { return }
    values[String(line[..<space])] = Double(line[line.index(after: space)...])
  }
}

/// The eBPF programs and maps in the kernel, by number.
private struct Loaded {
  let programs: Set<String>
  let maps: Set<String>

  init() throws {
    programs = try Self.numbers("prog")
    maps = try Self.numbers("map")
  }

  private init(programs: Set<String>, maps: Set<String>) {
    self.programs = programs
    self.maps = maps
  }

  var isEmpty: Bool { programs.isEmpty && maps.isEmpty }

  func subtracting(_ other: Loaded) -> Loaded {
    Loaded(
      programs: programs.subtracting(other.programs), maps: maps.subtracting(other.maps))
  }

  func intersection(_ other: Loaded) -> Loaded {
    Loaded(
      programs: programs.intersection(other.programs), maps: maps.intersection(other.maps))
  }

  /// Lines such as `17: raw_tracepoint  name end_raw_6  tag …`.
  private static func numbers(_ what: String) throws -> Set<String> {
    let lines = try Command.run(["bpftool", what, "show"]).text.split(separator: "\n")
    return Set(
      lines.compactMap { line in
        let number = line.prefix { $0.isNumber }
        return line.dropFirst(number.count).hasPrefix(":") ? String(number) : nil
      })
  }
}
