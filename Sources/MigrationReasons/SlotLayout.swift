internal import Histograms

/// Where the eBPF program keeps what it counts: `struct slot` of `migration.bpf.c`, in words of 64
/// bits. Change both.
enum SlotLayout {
  /// Reasons with a place: numbers 0 to 30, and the last for all others.
  static let reasons = 32
  /// Modes with a place: numbers 0 to 6, and the last for all others.
  static let modes = 8
  static let buckets = DurationBuckets.scale.bucketCount

  // Words within a reason's counts.
  static let calls = 0
  static let pagesMigrated = 8
  static let pagesFailed = 9
  static let thpMigrated = 10
  static let thpFailed = 11
  static let thpSplit = 12
  static let foliosSplit = 13
  static let durationNanoseconds = 14

  /// Words that hold something; the rest is padding to a cache line.
  static let wordsUsedPerReason = durationNanoseconds + 1
  static let wordsPerReason = 16
  static let wordsPerSlot = wordsPerReason * reasons

  /// Of the durations, whose slots are apart: `struct duration_slot`.
  static let durationWordsPerSlot = buckets * reasons

  /// A CPU has a slot of its own up to this many; beyond, CPUs share. One takes 4 KiB of counts, which
  /// each scrape reads, and 59 KiB of durations, of which it reads those of reasons that occurred.
  /// Shared slots stay exact, for the program adds atomically.
  static let slotsMax = 256

  /// The name of a number the kernel has none for; the last place holds more than one number.
  static func unknownName(_ number: Int, of places: Int) -> String {
    number == places - 1 ? "unknown_other" : "unknown_\(number)"
  }
}
