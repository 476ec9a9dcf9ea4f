internal import Glibc
internal import Synchronization

/// An eBPF program's array in this process' memory, in words of 64 bits: read without a system call,
/// and so without a privilege. Unmapped at the end.
@safe struct MappedWords: ~Copyable {
  private let count: Int
  private let isWritable: Bool
  private let memory: UnsafeRawPointer

  /// - Parameters:
  ///   - map: the file descriptor of an array made with `BPF_F_MMAPABLE`. The mapping outlives it.
  ///   - isWritable: whether words may be cleared.
  init(map: CInt, count: Int, isWritable: Bool = false) throws(ReasonsUnavailable) {
    let protection = isWritable ? PROT_READ | PROT_WRITE : PROT_READ
    let memory = unsafe mmap(nil, count * 8, protection, MAP_SHARED, map, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
      throw .refusal(.map, errno)
    }
    unsafe self.memory = UnsafeRawPointer(memory)
    self.count = count
    self.isWritable = isWritable
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

  /// Adds cache lines that follow each other to as many sums. No program may be writing them.
  ///
  /// - Parameters:
  ///   - first: the first line's first word, a multiple of 8.
  ///   - sums: a multiple of 8 as well.
  func addLines(from first: Int, to sums: inout [UInt64]) {
    precondition(first >= 0 && first + sums.count <= count && first % 8 == 0 && sums.count % 8 == 0)
    let lines = unsafe memory + first * 8
    unsafe sums.withUnsafeMutableBytes { sums in
      for offset in stride(from: 0, to: sums.count, by: 64) {
        let line = unsafe lines.load(fromByteOffset: offset, as: SIMD8<UInt64>.self)
        let sum = unsafe sums.loadUnaligned(fromByteOffset: offset, as: SIMD8<UInt64>.self)
        unsafe sums.storeBytes(of: sum &+ line, toByteOffset: offset, as: SIMD8<UInt64>.self)
      }
    }
  }

  /// The sum of a cache line, of which the first word is given. No program may be writing it.
  func sumOfLine(_ first: Int) -> UInt64 {
    precondition(first >= 0 && first + 8 <= count && first % 8 == 0)
    return unsafe memory.load(fromByteOffset: first * 8, as: SIMD8<UInt64>.self).wrappedSum()
  }

  /// Makes one word 0.
  func clear(_ index: Int) {
    precondition(isWritable && (0..<count).contains(index))
    unsafe UnsafeMutableRawPointer(mutating: memory).assumingMemoryBound(to: Atomic<UInt64>.self)[
      index
    ].store(0, ordering: .relaxed)
  }
}
