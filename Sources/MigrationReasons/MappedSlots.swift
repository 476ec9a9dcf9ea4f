/// The slots of `migration.bpf.c`, as `SlotLayout` describes them.
struct MappedSlots: ~Copyable {
  let count: Int
  private let words: MappedWords

  init(_ words: consuming MappedWords, count: Int) {
    self.words = words
    self.count = count
  }

  /// One word, which the kernel may be adding to at this moment.
  func load(slot: Int, reason: Int, word: Int) -> UInt64 {
    precondition(slot < count && word < SlotLayout.wordsPerReason && reason < SlotLayout.reasons)
    return words[slot * SlotLayout.wordsPerSlot + reason * SlotLayout.wordsPerReason + word]
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
