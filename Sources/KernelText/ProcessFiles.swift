internal import Glibc
internal import System

/// What `/proc/self` says of this process (proc(5)).
package struct ProcessFiles: ~Copyable, Sendable {
  private var statm = PseudoFile("/proc/self/statm")
  private var descriptors = NumberedEntries(in: "/proc/self/fd", prefix: "")
  private var buffer = [UInt8](repeating: 0, count: 128)
  private var numbers: [Int] = []

  package init() {}

  /// The virtual and the resident size in bytes. Nil where it cannot be read.
  package mutating func memory() -> (virtual: UInt64, resident: UInt64)? {
    guard let count = try? statm.readLine(into: &buffer) else { return nil }
    let text = buffer.span.extracting(0..<count)
    var end = 0
    guard let size = field(of: text, after: &end), let resident = field(of: text, after: &end)
    else { return nil }
    return (size * Machine.pageSize, resident * Machine.pageSize)
  }

  /// The number from `end` on, which moves behind the space that follows it.
  private func field(of text: Span<UInt8>, after end: inout Int) -> UInt64? {
    let start = end
    while end < text.count, text[end] > UInt8(ascii: " ") { end += 1 }
    defer { end = min(end + 1, text.count) }
    return SingleValue.number(text.extracting(start..<end))
  }

  /// How many descriptors are open. Nil where that cannot be found out.
  package mutating func openDescriptors() -> UInt64? {
    // From 6.2 on the folder's size is the number; before, it is 0 and the entries are counted.
    if let size = try? descriptors.size(), size > 0 { return size }
    guard (try? descriptors.list(into: &numbers)) != nil else { return nil }
    return UInt64(numbers.count)
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
    let perSecond = Machine.clockTicksPerSecond
    let sinceBoot =
      Duration.seconds(Int64(clamping: ticks / perSecond))
      + .milliseconds(Int64(clamping: ticks % perSecond * 1000 / perSecond))
    return UnixTime(sinceBootWithSuspends: sinceBoot).sinceEpoch.wholeNanoseconds
  }
}
