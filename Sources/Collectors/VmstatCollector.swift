package import Exposition
package import KernelText
internal import MigrationReasons
internal import PageMigration
package import System

/// The counters of `/proc/vmstat`: the whole machine's, one snapshot a scrape.
package final class VmstatCollector: Collector {
  package let name = "vmstat"
  package let countingSince: BootInstant?

  private var reader: VmstatReader

  /// - Parameters:
  ///   - sharedFor: so long a reading answers other scrapes as well. On a machine of hundreds of CPUs the
  ///     kernel takes milliseconds for one.
  ///   - perCPU: what is read instead of the text.
  package init(
    _ paths: KernelPaths, sharedFor: Duration = .zero, perCPU: PerCPUVmstat? = nil
  ) {
    countingSince = paths.areThisKernels ? .boot : nil
    reader = VmstatReader(paths, sharedFor: sharedFor, perCPU: perCPU)
  }

  package var documentation: [MetricFamily] {
    Self.families.map(\.metricFamily) + [Self.pageSize, Self.thpSize, Self.failedIncludesSplit]
      + CPUNodes.documentation
  }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    try reader.write(into: &encoder)
  }

  fileprivate static let families = CounterFamily.all(of: .machine)

  fileprivate static let pageSize = MetricFamily(
    "pagemigration_page_size_bytes", .gauge, source: "sysconf(_SC_PAGESIZE)", unit: "bytes",
    help: "Size of a base page, the unit of all counters of pages (sysconf _SC_PAGESIZE)")
  fileprivate static let thpSize = MetricFamily(
    "pagemigration_thp_size_bytes", .gauge,
    source: "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", unit: "bytes", since: "4.10",
    help: "Size of a transparent huge page (transparent_hugepage/hpage_pmd_size)")
  fileprivate static let failedIncludesSplit = MetricFamily(
    "pagemigration_thp_failed_includes_split", .gauge, source: "/proc/sys/kernel/osrelease",
    unit: "1 or 0", since: "5.9",
    help:
      "1 where thp_failed counts split THPs too, so that lost = failed - split (kernel 5.17 and later), 0 where not (osrelease)"
  )
}

/// What the collector reads, and what it knows of it: used whole, so that one use of it is looked into for
/// exclusivity and not each of a part.
private struct VmstatReader: ~Copyable {
  private var file: CounterFile
  private var hostFacts: HostFactsReader
  private var freeBlocks: FreeBlocksFile
  private var snapshot = CounterSnapshot()
  private var counters = CounterBlock(VmstatCollector.families, targets: [nil])
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  private let sharedFor: Duration
  private var readAt: MonotonicTime?
  private var perCPU: PerCPUVmstat?
  private var cpuNodes: CPUNodes

  init(_ paths: KernelPaths, sharedFor: Duration, perCPU: PerCPUVmstat?) {
    self.sharedFor = sharedFor
    self.perCPU = perCPU
    cpuNodes = CPUNodes(paths)
    file = CounterFile("\(paths.procfs)/vmstat")
    hostFacts = HostFactsReader(paths)
    freeBlocks = FreeBlocksFile(procfs: paths.procfs)
  }

  /// - Returns: what could not be read beside the counters.
  mutating func write(into encoder: inout Encoder) throws -> [any Error] {
    let problem = try readCounters()
    var problems = hostFacts.read()
    if let problem { problems.append(problem) }
    let facts = hostFacts.facts
    if snapshot.lacksFreeBlocks {
      do {
        if let pages = try freeBlocks.pagesByNode(facts, using: &buffer) {
          snapshot.fillIn(.freePagesBlocks, pages.values.reduce(0, &+))
        }
      } catch {
        problems.append(error)
      }
    }
    counters.take(snapshot)
    counters.write(into: &encoder)
    encoder.write(VmstatCollector.pageSize, facts.pageSize)
    if let size = facts.thpSize { encoder.write(VmstatCollector.thpSize, size) }
    if let includesSplit = facts.failedIncludesSplit, snapshot[slot: Self.failedSlot] != nil {
      encoder.write(VmstatCollector.failedIncludesSplit, includesSplit ? 1 : 0)
    }
    if let perCPU {
      do { try cpuNodes.write(perCPU.cpus, into: &encoder) } catch { problems.append(error) }
    }
    return problems
  }

  /// - Returns: why the text is read from now on, where it was not before.
  private mutating func readCounters() throws -> (any Error)? {
    let now = MonotonicTime.now
    if let readAt, now - readAt < sharedFor { return nil }
    readAt = nil
    var problem: ReasonsUnavailable?
    do {
      if try perCPU?.read(into: &snapshot) == nil {
        try file.read(into: &snapshot, using: &buffer)
      }
    } catch let error as ReasonsUnavailable {
      (problem, perCPU) = (error, nil)
      try file.read(into: &snapshot, using: &buffer)
    }
    // The counts are no older than this, however long the kernel took.
    readAt = now
    return problem
  }

  private static let failedSlot = MigrationCounter.thpMigrationFail.slot
}
