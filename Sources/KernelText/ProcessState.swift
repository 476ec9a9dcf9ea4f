/// What `/proc/PID/stat` says of a process (proc(5)).
package struct ProcessState: Equatable, Sendable {
  package let isKernelThread: Bool
  /// It has ended, and its parent has not yet asked how.
  package let isZombie: Bool

  /// Nil unless `text` is such a line.
  package init?(parsing text: Span<UInt8>) {
    // The second field is a name in parentheses that may hold anything: count from behind it.
    let line = SingleValue.word(text)
    guard let end = line.lastIndex(of: ")") else { return nil }
    let fields = line[end...].split(separator: " ")
    guard fields.count > 7, let flags = UInt64(fields[7]) else { return nil }
    isZombie = ["Z", "X", "x"].contains(fields[1])
    isKernelThread = flags & Self.kernelThreadFlag != 0
  }

  /// PF_KTHREAD of include/linux/sched.h.
  private static let kernelThreadFlag: UInt64 = 0x0020_0000
}
