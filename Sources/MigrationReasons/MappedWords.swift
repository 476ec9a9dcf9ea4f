internal import Glibc
internal import Synchronization

/// An eBPF program's array in this process' memory, in words of 64 bits: read without a system call,
/// and so without a privilege. Unmapped at the end.
@safe struct MappedWords: ~Copyable {
  private let count: Int
  private let memory: UnsafeRawPointer

  /// - Parameter map: the file descriptor of an array made with `BPF_F_MMAPABLE`. The mapping
  ///   outlives it.
  init(map: CInt, count: Int) throws(ReasonsUnavailable) {
    let memory = unsafe mmap(nil, count * 8, PROT_READ, MAP_SHARED, map, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
      throw .refusal(.map, errno)
    }
    unsafe self.memory = UnsafeRawPointer(memory)
    self.count = count
  }

  deinit {
    unsafe munmap(UnsafeMutableRawPointer(mutating: memory), count * 8)
  }

  /// One word, which the kernel may be adding to at this moment.
  subscript(index: Int) -> UInt64 {
    precondition((0..<count).contains(index))
    return unsafe memory.assumingMemoryBound(to: Atomic<UInt64>.self)[index]
      .load(ordering: .relaxed)
  }
}
