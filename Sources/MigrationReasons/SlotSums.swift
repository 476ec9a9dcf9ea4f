internal import Synchronization

/// The counts of all CPUs' slots, added up, by reason. Kept between reads so that none allocates.
struct SlotSums: Sendable {
  private var words: [UInt64]
  private var durations: [UInt64]

  init() {
    words = Array(repeating: 0, count: SlotLayout.reasons * SlotLayout.wordsUsedPerReason)
    durations = Array(repeating: 0, count: SlotLayout.durationWordsPerSlot)
  }

  subscript(reason reason: Int, word: Int) -> UInt64 {
    words[reason * SlotLayout.wordsUsedPerReason + word]
  }

  /// How often that reason's calls took a time of that bucket.
  subscript(reason reason: Int, duration bucket: Int) -> UInt64 {
    durations[reason * SlotLayout.buckets + bucket]
  }

  /// Each word is the kernel's at the moment it is read; two words may be a call apart.
  mutating func add(_ slots: borrowing MappedSlots, _ durationSlots: borrowing MappedSlots) {
    for index in words.indices { words[index] = 0 }
    for index in durations.indices { durations[index] = 0 }
    for slot in 0..<slots.count {
      for reason in 0..<SlotLayout.reasons {
        let place = reason * SlotLayout.wordsPerReason
        // Nothing is counted without a call, so where there is none the rest need not be read.
        let calls = place + SlotLayout.calls
        guard (calls..<calls + SlotLayout.modes).contains(where: { slots[slot: slot, $0] > 0 })
        else { continue }
        let first = reason * SlotLayout.wordsUsedPerReason
        for word in 0..<SlotLayout.wordsUsedPerReason {
          words[first + word] &+= slots[slot: slot, place + word]
        }
        guard slots[slot: slot, place + SlotLayout.durationNanoseconds] > 0 else { continue }
        let firstDuration = reason * SlotLayout.buckets
        for word in firstDuration..<firstDuration + SlotLayout.buckets {
          durations[word] &+= durationSlots[slot: slot, word]
        }
      }
    }
  }

  func hasCalls(reason: Int) -> Bool {
    (0..<SlotLayout.modes).contains { self[reason: reason, SlotLayout.calls + $0] > 0 }
  }

  func hasCalls(mode: Int) -> Bool {
    (0..<SlotLayout.reasons).contains { self[reason: $0, SlotLayout.calls + mode] > 0 }
  }
}
