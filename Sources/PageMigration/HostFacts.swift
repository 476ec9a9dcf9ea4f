package import KernelText
internal import System

/// What a host says of itself that does not change while it runs.
package struct HostFacts: Sendable {
  /// The size of a base page in bytes. A copied tree does not say it: there it is told by the size of a
  /// THP, where that is one of ARM64's or x86's.
  package fileprivate(set) var pageSize = Machine.pageSize
  /// As `hostname` prints it. Nil where the kernel does not say.
  package private(set) var hostName: String?
  /// As `uname -r` has it. Nil where it is not known.
  package fileprivate(set) var kernelRelease: String?
  /// The size of a THP in bytes. Nil where it is not known, or the kernel has no THPs.
  package fileprivate(set) var thpSize: UInt64?
  /// As ``KernelRelease/thpFailedIncludesSplit`` has it.
  package fileprivate(set) var failedIncludesSplit: Bool?

  /// Base pages of a THP; as many as on x86, where that is not known.
  package var pagesOfTHP: Int { Int(clamping: thpSize.map { $0 / pageSize } ?? 512) }

  /// Whether a file that has one of them did not answer: then none is known that is read from files.
  package private(set) var hang = false

  private static let patience = Duration.seconds(2)

  /// Those that can be read now, and soon.
  package static func read(_ paths: KernelPaths) -> HostFacts {
    let facts = result(by: .now + patience, hasStandIns: false) { readPatiently(paths) }
    if let facts { return facts }
    var blank = HostFacts()
    blank.hang = true
    return blank
  }

  private static func readPatiently(_ paths: KernelPaths) -> HostFacts {
    var reader = HostFactsReader(paths)
    _ = reader.read()
    var facts = reader.facts
    var file = SingleValueFile("\(paths.procfs)/sys/kernel/hostname")
    var buffer = [UInt8](repeating: 0, count: 256)
    facts.hostName = try? file.read(using: &buffer, SingleValue.word)
    return facts
  }
}

/// Reads the facts of a host: each file until it could be read, and then no more.
package struct HostFactsReader: ~Copyable, Sendable {
  package private(set) var facts = HostFacts()

  /// The size of a base page, by that of the THP that is mapped by a whole page table of them.
  private static let pageSizes: [UInt64: UInt64] = [
    2 << 20: 4096, 32 << 20: 16384, 512 << 20: 65536,
  ]

  private let isCopied: Bool
  private var releaseFile: SingleValueFile
  private var thpSizeFile: SingleValueFile
  private var buffer = [UInt8](repeating: 0, count: 128)
  private var hasRelease = false
  private var hasTHPSize = false

  package init(_ paths: KernelPaths) {
    isCopied = !paths.areThisKernels
    releaseFile = SingleValueFile("\(paths.procfs)/sys/kernel/osrelease")
    thpSizeFile = SingleValueFile("\(paths.sysfs)/kernel/mm/transparent_hugepage/hpage_pmd_size")
  }

  /// Reads what is not known yet.
  ///
  /// - Returns: what could not be read. A file that the kernel lacks is no problem.
  package mutating func read() -> [any Error] {
    var problems: [any Error] = []
    if !hasTHPSize {
      do {
        facts.thpSize = try thpSizeFile.read(using: &buffer, wholeLine: true, SingleValue.number)
        hasTHPSize = true
        if isCopied, let size = facts.thpSize, let pageSize = Self.pageSizes[size] {
          facts.pageSize = pageSize
        }
      } catch {
        problems.append(error)
      }
    }
    if !hasRelease {
      do {
        let release = try releaseFile.read(using: &buffer) { text in
          let word = SingleValue.word(text)
          return KernelRelease(parsing: word).map { (word, $0) }
        }
        facts.kernelRelease = release?.0
        facts.failedIncludesSplit = release?.1.thpFailedIncludesSplit
        hasRelease = true
      } catch {
        problems.append(error)
      }
    }
    return problems
  }
}
