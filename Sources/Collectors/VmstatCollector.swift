package import Exposition
package import KernelText
internal import PageMigration
package import System

/// The counters of `/proc/vmstat`: the whole machine's, one snapshot a scrape.
package final class VmstatCollector: Collector {
  package let name = "vmstat"
  package let countingSince: BootInstant?

  private var file: CounterFile
  private var hostFacts: HostFactsReader
  private var freeBlocks: FreeBlocksFile
  private var counters = CounterTarget(families)
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  private let sharedFor: Duration
  private var readAt: MonotonicTime?
  private var perCPU: PerCPUVmstat?
  private var cpuNodes: CPUNodes

  /// - Parameters:
  ///   - sharedFor: so long a reading answers other scrapes as well. On a machine of hundreds of CPUs the
  ///     kernel takes milliseconds for one.
  ///   - perCPU: what is read instead of the text.
  package init(
    _ paths: KernelPaths, sharedFor: Duration = .zero, perCPU: PerCPUVmstat? = nil
  ) {
    self.sharedFor = sharedFor
    self.perCPU = perCPU
    cpuNodes = CPUNodes(paths)
    countingSince = paths.areThisKernels ? .boot : nil
    file = CounterFile("\(paths.procfs)/vmstat")
    hostFacts = HostFactsReader(paths)
    freeBlocks = FreeBlocksFile(procfs: paths.procfs)
  }

  package var documentation: [MetricFamily] {
    Self.families.map(\.metricFamily) + [Self.pageSize, Self.thpSize, Self.failedIncludesSplit]
      + CPUNodes.documentation
  }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    try readCounters()
    var problems = hostFacts.read()
    let facts = hostFacts.facts
    if counters.snapshot[.freePages] != nil, counters.snapshot[.freePagesBlocks] == nil {
      do {
        if let pages = try freeBlocks.pagesByNode(facts, using: &buffer) {
          counters.snapshot.fillIn(.freePagesBlocks, pages.values.reduce(0, &+))
        }
      } catch {
        problems.append(error)
      }
    }
    counters.writeFamilies(into: &encoder)
    encoder.write(Self.pageSize, facts.pageSize)
    if let size = facts.thpSize { encoder.write(Self.thpSize, size) }
    if let includesSplit = facts.failedIncludesSplit, counters.snapshot[.thpMigrationFail] != nil {
      encoder.write(Self.failedIncludesSplit, includesSplit ? 1 : 0)
    }
    if let perCPU {
      do { try cpuNodes.write(perCPU.cpus, into: &encoder) } catch { problems.append(error) }
    }
    return problems
  }

  private func readCounters() throws {
    let now = MonotonicTime.now
    if let readAt, now - readAt < sharedFor { return }
    readAt = nil
    if try perCPU?.read(into: &counters.snapshot) == nil {
      try file.read(into: &counters.snapshot, using: &buffer)
    }
    // The counts are no older than this, however long the kernel took.
    readAt = now
  }

  private static let families = CounterFamily.all(of: .machine)

  private static let pageSize = MetricFamily(
    "pagemigration_page_size_bytes", .gauge, source: "sysconf(_SC_PAGESIZE)", unit: "bytes",
    help: "Size of a base page, the unit of all counters of pages (sysconf _SC_PAGESIZE)")
  private static let thpSize = MetricFamily(
    "pagemigration_thp_size_bytes", .gauge,
    source: "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", unit: "bytes", since: "4.10",
    help: "Size of a transparent huge page (transparent_hugepage/hpage_pmd_size)")
  private static let failedIncludesSplit = MetricFamily(
    "pagemigration_thp_failed_includes_split", .gauge, source: "/proc/sys/kernel/osrelease",
    unit: "1 or 0", since: "5.9",
    help:
      "1 where thp_failed counts split THPs too, so that lost = failed - split (kernel 5.17 and later), 0 where not (osrelease)"
  )
}
