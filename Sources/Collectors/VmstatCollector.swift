package import Exposition
package import KernelText
internal import PageMigration

/// The counters of `/proc/vmstat`: the whole machine's, one snapshot a scrape.
package final class VmstatCollector: Collector {
  package let name = "vmstat"

  private var file: CounterFile
  private var hostFacts: HostFactsReader
  private var freeBlocks: FreeBlocksFile
  private var counters = CounterTarget(families)
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)

  package init(_ paths: KernelPaths) {
    file = CounterFile("\(paths.procfs)/vmstat")
    hostFacts = HostFactsReader(paths)
    freeBlocks = FreeBlocksFile(procfs: paths.procfs)
  }

  package var documentation: [MetricFamily] {
    Self.families.map(\.family) + [Self.pageSize, Self.thpSize, Self.failedIncludesSplit]
  }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    try file.read(into: &counters.snapshot, using: &buffer)
    var problems = hostFacts.read()
    let facts = hostFacts.facts
    if counters.snapshot[.freePages] != nil, counters.snapshot[.freePagesBlocks] == nil {
      do {
        if let pages = try freeBlocks.pages(facts, using: &buffer) {
          counters.snapshot.fillIn(.freePagesBlocks, pages)
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
    return problems
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
