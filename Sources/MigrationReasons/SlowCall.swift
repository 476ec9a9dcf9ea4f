internal import KernelText
package import System

/// A call of `migrate_pages()` that kept its caller longer than the others of its reason.
package struct SlowCall: Equatable, Sendable {
  package let reason: String
  package let duration: Duration
  package let ended: MonotonicTime
  /// As the machine itself numbers processes and threads, whatever namespace they are in.
  package let process: UInt32
  package let thread: UInt32
  package let command: CommandName
  /// The caller's cgroup of version 2: the inode of its folder. Nil where the kernel has no cgroups.
  package let cgroup: UInt64?
  /// Base pages.
  package let pagesMigrated: UInt64
  package let pagesFailed: UInt64

  package init(
    reason: String, duration: Duration, ended: MonotonicTime, process: UInt32, thread: UInt32,
    command: CommandName, cgroup: UInt64?, pagesMigrated: UInt64, pagesFailed: UInt64
  ) {
    self.reason = reason
    self.duration = duration
    self.ended = ended
    self.process = process
    self.thread = thread
    self.command = command
    self.cgroup = cgroup
    self.pagesMigrated = pagesMigrated
    self.pagesFailed = pagesFailed
  }
}

/// A thread's name, as the kernel keeps it: any 15 bytes but a zero. A thread chooses its own.
package struct CommandName: Equatable, Sendable, CustomStringConvertible {
  private let first: UInt64
  private let second: UInt64

  package init(_ first: UInt64, _ second: UInt64) {
    (self.first, self.second) = (first, second)
  }

  /// What is no UTF-8 is shown as replacement characters; control characters are as they are.
  package var description: String {
    let bytes = [first, second].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word.littleEndian >> UInt64($0 * 8)) }
    }
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

/// Where the eBPF program keeps slow calls: `struct slow_slot` of `migration.bpf.c`, in words of 64
/// bits. Change both.
enum SlowCallLayout {
  // Words within a call.
  static let nanoseconds = 0
  static let ended = 1
  static let processAndThread = 2
  static let cgroup = 3
  static let command = 4
  static let pages = 6
  static let words = 8

  static let periods = 8
  static let period = Duration.seconds(10)
  static let wordsPerSlot = words * periods * SlotLayout.reasons

  /// A minute and what has passed of the period.
  static let periodsLookedAt: UInt64 = 7

  /// Those of one reason in one slot.
  static func places(reason: Int) -> StrideTo<Int> {
    let first = reason * periods * words
    return stride(from: first, to: first + periods * words, by: words)
  }
}

extension MappedSlots {
  /// The slowest call of the last minute; up to ten seconds more are looked at. Nil where none was
  /// timed.
  ///
  /// - Parameter name: the reason's.
  func slowestCall(reason: Int, name: String, at now: MonotonicTime) -> SlowCall? {
    let period = SlowCallLayout.period.wholeNanoseconds
    let current = now.ofKernel.wholeNanoseconds / period
    var slowest: [UInt64]?
    for slot in 0..<count {
      for place in SlowCallLayout.places(reason: reason) {
        let ended = self[slot: slot, place + SlowCallLayout.ended]
        guard ended > 0, ended / period + SlowCallLayout.periodsLookedAt > current,
          self[slot: slot, place] > slowest?[SlowCallLayout.nanoseconds] ?? 0
        else { continue }
        let words = (0..<SlowCallLayout.words).map { self[slot: slot, place + $0] }
        // Otherwise it is being written at this moment.
        if words.reduce(0, ^) == 0 { slowest = words }
      }
    }
    return slowest.map { SlowCall(reason: name, words: $0) }
  }
}

extension SlowCall {
  fileprivate init(reason: String, words: [UInt64]) {
    let (caller, pages) = (words[SlowCallLayout.processAndThread], words[SlowCallLayout.pages])
    self.init(
      reason: reason, duration: .init(wholeNanoseconds: words[SlowCallLayout.nanoseconds]),
      ended: .init(ofKernel: .init(wholeNanoseconds: words[SlowCallLayout.ended])),
      process: UInt32(caller >> 32), thread: UInt32(truncatingIfNeeded: caller),
      command: CommandName(words[SlowCallLayout.command], words[SlowCallLayout.command + 1]),
      cgroup: words[SlowCallLayout.cgroup] > 0 ? words[SlowCallLayout.cgroup] : nil,
      pagesMigrated: pages & 0xffff_ffff, pagesFailed: pages >> 32)
  }
}
