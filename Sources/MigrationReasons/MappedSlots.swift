/// Counts that the kernel keeps in slots, a CPU's own each, in words of 64 bits.
struct MappedSlots: ~Copyable {
  let count: Int
  private let wordsPerSlot: Int
  private let words: MappedWords

  init(_ words: consuming MappedWords, count: Int, wordsPerSlot: Int) {
    self.words = words
    self.count = count
    self.wordsPerSlot = wordsPerSlot
  }

  /// One word, which the kernel may be adding to at this moment.
  subscript(slot slot: Int, word: Int) -> UInt64 {
    precondition((0..<wordsPerSlot).contains(word))
    return words[slot * wordsPerSlot + word]
  }

  /// Over all slots.
  func sum(_ word: Int) -> UInt64 {
    var sum: UInt64 = 0
    for slot in 0..<count { sum &+= self[slot: slot, word] }
    return sum
  }
}
