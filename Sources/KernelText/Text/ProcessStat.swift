/// What `/proc/PID/stat` says of a process (proc(5)).
package struct ProcessStat: Equatable, Sendable {
  package let isKernelThread: Bool
  /// It has ended, and its parent has not yet asked how.
  package let isZombie: Bool
  /// When it was started, in clock ticks since boot. Nil where the line is cut before it.
  package let startTicks: UInt64?

  /// Nil unless `text` is such a line.
  package init?(parsing text: Span<UInt8>) {
    // The second field is a name in parentheses that may hold anything: count from behind it.
    let line = SingleValue.word(text)
    guard let end = line.lastIndex(of: ")") else { return nil }
    let fields = line[end...].split(separator: " ")
    guard fields.count > 7, let flags = UInt64(fields[7]) else { return nil }
    isZombie = ["Z", "X", "x"].contains(fields[1])
    isKernelThread = flags & Self.kernelThreadFlag != 0
    startTicks = fields.count > 20 ? UInt64(fields[20]) : nil
  }

  /// PF_KTHREAD of include/linux/sched.h.
  private static let kernelThreadFlag: UInt64 = 0x0020_0000
}

/// What `/proc/PID/statm` says of a process's memory, in base pages (proc(5)).
package struct ProcessMemory: Equatable, Sendable {
  package let virtualPages: UInt64
  package let residentPages: UInt64

  /// Nil unless `text` begins with two numbers.
  package init?(parsing text: Span<UInt8>) {
    var words = Words()
    guard let virtual = words.next(in: text), let resident = words.next(in: text),
      let virtualPages = SingleValue.number(text.extracting(virtual)),
      let residentPages = SingleValue.number(text.extracting(resident))
    else { return nil }
    self.virtualPages = virtualPages
    self.residentPages = residentPages
  }
}
