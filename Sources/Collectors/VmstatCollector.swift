package import Exposition
package import KernelText
internal import PageMigration

/// The counters of `/proc/vmstat`: the whole machine's, one snapshot a scrape.
package final class VmstatCollector: Collector {
  package let name = "vmstat"

  private var file: CounterFile
  private var releaseFile: SingleValueFile
  private var thpSizeFile: SingleValueFile
  private var snapshot = CounterSnapshot()
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  private var smallBuffer = [UInt8](repeating: 0, count: 128)
  private let series = vmstatFamilies.map { $0.series() }

  package init(_ paths: KernelPaths) {
    file = CounterFile("\(paths.procfs)/vmstat")
    releaseFile = SingleValueFile("\(paths.procfs)/sys/kernel/osrelease")
    thpSizeFile = SingleValueFile("\(paths.sysfs)/kernel/mm/transparent_hugepage/hpage_pmd_size")
  }

  package var documentation: [DocumentedFamily] {
    vmstatFamilies.map(\.documentation) + [Self.pageSize, Self.thpSize, Self.failedIncludesSplit]
  }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    try file.read(into: &snapshot, using: &buffer)
    let snapshot = snapshot
    for family in series { family.writeFamily(snapshot, into: &encoder) }
    encoder.write(Self.pageSize.family, Machine.pageSize)
    return writeFactsAboutTHPs(into: &encoder)
  }

  /// The THP's size and what the kernel's release means for its counters change only at boot.
  private var thpSize: UInt64?
  private var failedIncludesSplit: Bool?
  private var hasReadSize = false
  private var hasReadRelease = false

  private func writeFactsAboutTHPs(into encoder: inout Encoder) -> [any Error] {
    var problems: [any Error] = []
    if !hasReadSize {
      do {
        thpSize = try thpSizeFile.read(
          using: &smallBuffer, wholeLine: true, SingleValue.number)
        hasReadSize = true
      } catch {
        problems.append(error)
      }
    }
    if !hasReadRelease {
      do {
        failedIncludesSplit = try releaseFile.read(using: &smallBuffer) {
          KernelRelease(parsing: SingleValue.word($0))
        }?.thpFailedIncludesSplit
        hasReadRelease = true
      } catch {
        problems.append(error)
      }
    }
    if let thpSize {
      encoder.write(Self.thpSize.family, thpSize)
    }
    if let failedIncludesSplit, snapshot[.thpMigrationFail] != nil {
      encoder.write(Self.failedIncludesSplit.family, failedIncludesSplit ? 1 : 0)
    }
    return problems
  }

  private static let pageSize = DocumentedFamily(
    "pagemigration_page_size_bytes", .gauge, source: "sysconf(_SC_PAGESIZE)", unit: "bytes",
    help: "Size of a base page, the unit of all counters of pages (sysconf _SC_PAGESIZE)")
  private static let thpSize = DocumentedFamily(
    "pagemigration_thp_size_bytes", .gauge,
    source: "/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", unit: "bytes", since: "4.10",
    help: "Size of a transparent huge page (transparent_hugepage/hpage_pmd_size)")
  private static let failedIncludesSplit = DocumentedFamily(
    "pagemigration_thp_failed_includes_split", .gauge, source: "/proc/sys/kernel/osrelease",
    unit: "1 or 0", since: "5.9",
    help:
      "1 where thp_failed counts split THPs too, so that lost = failed - split (kernel 5.17 and later), 0 where not (osrelease)"
  )
}
