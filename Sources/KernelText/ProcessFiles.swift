internal import Glibc

/// What `/proc/self` says of this process (proc(5)).
package struct ProcessFiles: ~Copyable, Sendable {
  private var statm = PseudoFile("/proc/self/statm")
  private var buffer = [UInt8](repeating: 0, count: 128)

  package init() {}

  /// The virtual and the resident size in bytes. Nil where it cannot be read.
  package mutating func memory() -> (virtual: UInt64, resident: UInt64)? {
    guard let count = try? statm.readLine(into: &buffer) else { return nil }
    let text = SingleValue.word(buffer.span.extracting(0..<count))
    let numbers = text.split(separator: " ").compactMap { UInt64($0) }
    guard numbers.count >= 2 else { return nil }
    return (numbers[0] * Machine.pageSize, numbers[1] * Machine.pageSize)
  }

  /// How many descriptors are open. Nil where that cannot be found out.
  package func openDescriptors() -> UInt64? {
    var status = stat()
    // From 6.2 on the folder's size is the number; before, it is 0 and the entries are counted.
    if stat("/proc/self/fd", &status) == 0, status.st_size > 0 { return UInt64(status.st_size) }
    var numbers: [Int] = []
    let folder = NumberedEntries(in: "/proc/self/fd", prefix: "")
    guard (try? folder.list(into: &numbers)) != nil else { return nil }
    return UInt64(numbers.count) - 1  // Without the one that lists them.
  }

  /// When this process was started, in nanoseconds since 1970. Nil where it cannot be read.
  package mutating func startTime() -> UInt64? {
    var statFile = PseudoFile("/proc/self/stat")
    var text = [UInt8](repeating: 0, count: 1024)
    guard let count = try? statFile.readLine(into: &text) else { return nil }
    // The second field is a name in parentheses that may hold anything: count from behind it.
    let line = String(decoding: text.prefix(count), as: UTF8.self)
    guard let end = line.lastIndex(of: ")") else { return nil }
    let fields = line[end...].split(separator: " ")
    guard fields.count > 20, let ticks = UInt64(fields[20]) else { return nil }
    let sinceBoot = ticks * 1_000_000_000 / Machine.clockTicksPerSecond
    return Clocks.realtime() - Clocks.boottime() + sinceBoot
  }
}
