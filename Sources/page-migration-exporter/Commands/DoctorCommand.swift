internal import ArgumentParser
internal import Collectors
internal import Exposition
internal import Glibc
internal import MigrationReasons
internal import PageMigration
internal import System
internal import Views
internal import WebServer

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Try each part here, and say what works, what does not, and what to do.",
    discussion: """
      With the privileges that it is started with: as root it tries what eBPF needs, and takes it out \
      of the kernel again. Exits with 1 where the kernel's counters cannot be read.
      """)

  @OptionGroup(title: "Paths") var paths: PathOptions

  @Option(
    name: .customLong("path.tracefs"),
    help: ArgumentHelp("Where tracefs is mounted.", valueName: "folder"))
  var tracefs = "/sys/kernel/tracing"

  func run() throws {
    let (counters, canRead) = counterCheck()
    let checks =
      [
        counters, check(NodeCollector(paths.kernel)), check(SettingsCollector(paths.kernel)),
        check(CgroupCollector(paths.kernel, CgroupSelection(), warn: { _ in })),
      ] + reasonsAndCauses + [waits, port]
    let facts = HostFacts.read(paths.kernel)
    let heading =
      "page-migration-exporter \(Version.number) on kernel \(facts.kernelRelease ?? "?"), "
      + (geteuid() == 0 ? "as root" : "as user \(geteuid())")
    let width = checks.map(\.name.count).max() ?? 0
    let lines = checks.flatMap { check in
      let name = check.name + String(repeating: " ", count: width - check.name.count)
      return ["\(check.works ? "works" : "FAILS")  \(name)  \(printable(check.words))"]
        + (check.advice.map { [String(repeating: " ", count: width + 9) + "do: \($0)"] } ?? [])
    }
    try Console.answer(heading + "\n\n" + lines.joined(separator: "\n") + "\n")
    if !canRead { throw ExitCode(1) }
  }

  /// The machine's counters, and which of them this kernel lacks.
  private func counterCheck() -> (Check, canRead: Bool) {
    do {
      let source = VmstatSource(procfs: paths.procfs)
      let snapshot = try source.read(until: .now + .seconds(5))
      let missing = MigrationCounter.allCases.filter { snapshot[$0] == nil }.map(\.rawValue)
      let all = MigrationCounter.allCases.count
      guard snapshot[.migrateSuccess] != nil else {
        let words = "\(paths.procfs)/vmstat has no pgmigrate_success"
        return (
          Check(
            "vmstat", false, words, "a kernel with CONFIG_MIGRATION, or the right --path.procfs"),
          false
        )
      }
      let lacks =
        missing.isEmpty ? "" : "; the kernel has no " + missing.joined(separator: ", ")
      return (Check("vmstat", true, "\(all - missing.count) of \(all) counters\(lacks)"), true)
    } catch {
      return (
        Check("vmstat", false, "\(error)", "--path.procfs, where the host's is mounted"), false
      )
    }
  }

  /// What a collector gives, or what keeps it from it.
  private func check(_ collector: sending any Collector) -> Check {
    let name = collector.name
    let outcome = Heard()
    let gatherer = Gatherer([collector], exporter: ExporterMetrics(Version.facts)) { _, news in
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
  private var reasonsAndCauses: [Check] {
    do throws(ReasonsUnavailable) {
      let probe = try SharedProbe(tracefs: tracefs, causes: true)
      let causes = probe.causes.map { causes in
        switch causes {
        case .success(let causes): Check("causes", true, "told apart by \(causes.method)")
        case .failure(let error): Check("causes", false, "\(error)")
        }
      }
      let reasons = Check("reasons", true, "the eBPF program is taken by the kernel")
      return [reasons] + [causes].compactMap(\.self)
    } catch {
      return ["reasons", "causes"].map { Check($0, false, "\(error)", Self.asRoot) }
    }
  }

  private var waits: Check {
    do throws(ReasonsUnavailable) {
      let functions = try WaitsProbe().waits.map(\.function)
      return Check("waits", true, functions.joined(separator: ", "))
    } catch {
      return Check("waits", false, "\(error)", Self.asRoot)
    }
  }

  /// Nil for root.
  private static var asRoot: String? {
    geteuid() == 0
      ? nil : "start it as root, or with CAP_BPF and CAP_PERFMON; it drops them itself"
  }

  /// Whether `serve` could listen where it does by default.
  private var port: Check {
    do throws(ListenError) {
      _ = try Listener(ListenAddress.tcp(host: nil, port: 10057))
      return Check("port", true, "10057 is free")
    } catch {
      if (try? HTTPGet.body(of: HTTPURL.local.with(path: "/-/ready"))) != nil {
        return Check("port", true, "an exporter serves at \(HTTPURL.local.defaultValueDescription)")
      }
      return Check("port", false, "\(error)", "another --web.listen-address")
    }
  }

  /// One line of the answer.
  private struct Check {
    let name: String
    let works: Bool
    let words: String
    let advice: String?

    init(_ name: String, _ works: Bool, _ words: String, _ advice: String? = nil) {
      (self.name, self.works, self.words, self.advice) = (name, works, words, advice)
    }
  }

  /// @unchecked: heard on the very thread that gathers.
  private final class Heard: @unchecked Sendable {
    var reason: String?
  }
}
