internal import Collectors
internal import Exposition
internal import KernelText
internal import MigrationReasons
internal import PageMigration
internal import Remote
internal import System
internal import Views
internal import WebServer

/// One part of the program, as it was found here.
struct Check: Sendable {
  let name: String
  let works: Bool
  /// What it gives, or what keeps it from it.
  let words: String
  /// Nil where the words say it already, or nothing is to be done.
  let advice: String?

  init(_ name: String, _ works: Bool, _ words: String, _ advice: String? = nil) {
    (self.name, self.works, self.words, self.advice) = (name, works, words, advice)
  }

  /// Some checks, or one that failed where they have no end.
  static func within(
    _ seconds: Int, _ name: String, _ checks: @escaping @Sendable () -> [Check]
  ) -> [Check] {
    result(by: .now + .seconds(seconds), hasStandIns: false, of: checks) ?? [
      Check(
        name, false, "a file hangs: what it takes was not read within \(seconds) s",
        "look at what the thread waits for: cat /proc/$(pgrep -n page-migration)/task/*/stack")
    ]
  }

  func lines(nameWidth: Int) -> [String] {
    let name = name + String(repeating: " ", count: nameWidth - name.count)
    return ["\(works ? "works" : "FAILS")  \(name)  \(printable(words))"]
      + (advice.map { [String(repeating: " ", count: nameWidth + 9) + "do: \($0)"] } ?? [])
  }
}

extension Check {
  /// The machine's counters, and which of them this kernel lacks.
  static func counters(procfs: String) -> Check {
    let snapshot: CounterSnapshot
    do {
      snapshot = try VmstatSource(procfs: procfs).read(until: .now + .seconds(5))
    } catch {
      return Check("vmstat", false, "\(error)", "--path.procfs, where the host's is mounted")
    }
    guard snapshot[.migrateSuccess] != nil else {
      return Check(
        "vmstat", false, "\(procfs)/vmstat has no pgmigrate_success",
        "a kernel with CONFIG_MIGRATION, or the right --path.procfs")
    }
    let all = MigrationCounter.allCases
    let missing = all.filter { snapshot[$0] == nil }.map(\.rawValue)
    let lacks = missing.isEmpty ? "" : "; the kernel has no " + missing.joined(separator: ", ")
    return Check("vmstat", true, "\(all.count - missing.count) of \(all.count) counters\(lacks)")
  }

  /// What a collector gives, or what keeps it from it.
  static func collector(_ collector: sending any Collector, _ build: BuildFacts) -> Check {
    let name = collector.name
    let outcome = Heard()
    let gatherer = Gatherer([collector], exporter: ExporterMetrics(build)) { _, news in
      if case .failed(let reason) = news { outcome.reason = reason }
    }
    var bytes: [UInt8] = []
    gatherer.gather(.plainText, into: &bytes, deadline: .now + .seconds(5))
    if let reason = outcome.reason { return Check(name, false, reason) }
    let metrics = bytes.split(separator: UInt8(ascii: "\n")).filter { line in
      line.starts(with: "pagemigration_".utf8) && !line.starts(with: "pagemigration_scrape".utf8)
        && !line.starts(with: "pagemigration_build".utf8)
    }
    return Check(name, true, "\(metrics.count) metrics")
  }

  /// What the eBPF programs do here, of one probe that is attached and gone again.
  static func reasonsAndCauses(tracefs: String) -> [Check] {
    do throws(ReasonsUnavailable) {
      let probe = try SharedProbe(tracefs: tracefs, causes: true)
      let causes = probe.causes.map { causes in
        switch causes {
        case .success(let causes): Check("causes", true, "distinguished by \(causes.method)")
        case .failure(let error): Check("causes", false, "\(error)")
        }
      }
      let reasons = Check("reasons", true, "the eBPF program is taken by the kernel")
      return [reasons] + [causes].compactMap(\.self)
    } catch {
      return ["reasons", "causes"].map { Check($0, false, "\(error)", asRoot) }
    }
  }

  static var waits: Check {
    do throws(ReasonsUnavailable) {
      let functions = try WaitsProbe().waits.map(\.function)
      return Check("waits", true, functions.joined(separator: ", "))
    } catch {
      return Check("waits", false, "\(error)", asRoot)
    }
  }

  static var device: Check {
    do throws(ReasonsUnavailable) {
      _ = try DeviceProbe()
      return Check("device", true, "the eBPF programs are taken by the kernel")
    } catch {
      return Check("device", false, "\(error)", asRoot)
    }
  }

  /// Whether the machine's counters can be read without the text.
  static func perCPU(_ paths: KernelPaths) -> Check {
    do {
      _ = try PerCPUVmstat(paths)
      return Check("vmstat.percpu", true, "the eBPF program reads what /proc/vmstat has")
    } catch {
      return Check("vmstat.percpu", false, "\(error)", asRoot)
    }
  }

  /// Whether `serve` could listen where it does by default.
  static var port: Check {
    do throws(ListenError) {
      _ = try Listener(.tcp(host: nil, port: ListenAddress.defaultPort))
      return Check("port", true, "\(ListenAddress.defaultPort) is free")
    } catch {
      if (try? HTTPGet.body(of: HTTPURL.local.with(path: "/-/ready"))) != nil {
        return Check("port", true, "an exporter serves at \(HTTPURL.local.origin)")
      }
      return Check("port", false, "\(error)", "another --web.listen-address")
    }
  }

  /// Nil for root.
  private static var asRoot: String? {
    Machine.user == 0
      ? nil : "start it as root, or with CAP_BPF and CAP_PERFMON; it drops them itself"
  }
}

/// @unchecked: heard on the very thread that gathers.
private final class Heard: @unchecked Sendable {
  var reason: String?
}
