package import KernelText

/// What `/proc/PID/smaps` adds to `numa_maps`: how much is in THPs, and which mappings of files are
/// of shared memory.
package struct SmapsTotals: Equatable, Sendable {
  /// Where the mappings of shared memory start.
  package private(set) var shared: Set<UInt64> = []
  private var thpBytes: [MappingKind: UInt64] = [:]
  private var current = MappingKind.anon
  private let tmpfs: Set<DeviceNumber>

  /// - Parameter tmpfs: of each tmpfs that the process has mounted.
  package init(tmpfs: Set<DeviceNumber>) {
    self.tmpfs = tmpfs
  }

  package func thpBytes(of kind: MappingKind) -> UInt64 { thpBytes[kind] ?? 0 }

  /// Takes the next line of the file.
  package mutating func add(_ line: SmapsLine) {
    switch line {
    case .head(let head):
      current = kind(of: head)
      if current == .shmem { shared.insert(head.start) }
    case .thpBytes(let count):
      if count > 0 { thpBytes[current, default: 0] &+= count }
    case .other:
      break
    }
  }

  private func kind(of head: SmapsLine.Head) -> MappingKind {
    switch head.name {
    case "[heap]": .heap
    case "[stack]": .stack
    case _ where isShared(head): .shmem
    case _ where head.device != DeviceNumber(major: 0, minor: 0): .file
    default: .anon
    }
  }

  /// A tmpfs of the process's own, or the kernel's, which has no mount and names its files so
  /// (mm/shmem.c, ipc/shm.c, mm/memfd.c).
  private func isShared(_ head: SmapsLine.Head) -> Bool {
    if tmpfs.contains(head.device) { return true }
    guard head.device.major == 0, head.device.minor != 0 else { return false }
    return head.name.hasPrefix("/memfd:") || head.name.hasPrefix("/SYSV")
      || head.name == "/dev/zero (deleted)" || head.name.hasPrefix("[anon_shmem:")
  }
}
