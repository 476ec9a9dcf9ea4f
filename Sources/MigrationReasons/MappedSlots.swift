internal import Glibc
internal import Synchronization

/// The eBPF program's array of slots, in this process' memory: read without a system call, and so
/// without a privilege. Unmapped at the end.
@safe struct MappedSlots: ~Copyable {
  let count: Int
  private let memory: UnsafeRawPointer

  /// - Parameter map: the file descriptor of an array made with `BPF_F_MMAPABLE`. The mapping
  ///   outlives it.
  init(map: CInt, count: Int) throws(ReasonsUnavailable) {
    let bytes = count * SlotLayout.bytesPerSlot
    let memory = unsafe mmap(nil, bytes, PROT_READ, MAP_SHARED, map, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
      throw .refusal(.map, errno)
    }
    unsafe self.memory = UnsafeRawPointer(memory)
    self.count = count
  }

  deinit {
    unsafe munmap(UnsafeMutableRawPointer(mutating: memory), count * SlotLayout.bytesPerSlot)
  }

  /// One word, which the kernel may be adding to at this moment.
  func load(slot: Int, reason: Int, word: Int) -> UInt64 {
    let index =
      slot * SlotLayout.wordsPerSlot + reason * SlotLayout.wordsPerReason + word
    precondition(slot < count && word < SlotLayout.wordsPerReason && reason < SlotLayout.reasons)
    return unsafe memory.assumingMemoryBound(to: Atomic<UInt64>.self)[index]
      .load(ordering: .relaxed)
  }

  /// Nothing is counted without a call, so where there is none the rest need not be read.
  func hasCalls(slot: Int, reason: Int) -> Bool {
    for mode in 0..<SlotLayout.modes
    where load(slot: slot, reason: reason, word: SlotLayout.calls + mode) > 0 {
      return true
    }
    return false
  }
}
