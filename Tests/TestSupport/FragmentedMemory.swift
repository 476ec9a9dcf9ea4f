internal import Glibc

/// Anonymous memory of which every other page was given back, so that compaction has pages to move.
package final class FragmentedMemory {
  private static let pageSize = Int(sysconf(CInt(_SC_PAGESIZE)))
  private let start: UnsafeMutableRawPointer
  private let size: Int

  package init(mebibytes: Int) throws {
    size = mebibytes << 20
    guard
      let start = mmap(
        nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else { throw systemFailure("map memory") }
    self.start = start
    madvise(start, size, CInt(MADV_NOHUGEPAGE))
    for offset in stride(from: 0, to: size, by: Self.pageSize) {
      start.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
    }
    for offset in stride(from: 0, to: size, by: 2 * Self.pageSize) {
      madvise(start + offset, Self.pageSize, CInt(MADV_DONTNEED))
    }
  }

  deinit { munmap(start, size) }

  /// Has the kernel compact all memory, now.
  package static func compactAll() throws {
    let descriptor = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0, write(descriptor, "1", 1) == 1 else {
      throw systemFailure("write /proc/sys/vm/compact_memory")
    }
    close(descriptor)
  }
}
