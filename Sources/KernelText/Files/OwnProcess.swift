package import System

/// What `/proc/self` says of this process (proc(5)).
package struct OwnProcess: ~Copyable, Sendable {
  private var statm = PseudoFile("/proc/self/statm")
  private var descriptors = NumberedEntries(in: "/proc/self/fd", prefix: "")
  private var buffer = [UInt8](repeating: 0, count: 128)
  private var numbers: [Int] = []

  package init() {}

  /// The virtual and the resident size in bytes. Nil where it cannot be read.
  package mutating func memory() -> (virtual: UInt64, resident: UInt64)? {
    guard let count = try? statm.readLine(into: &buffer),
      let memory = ProcessMemory(parsing: buffer.span.extracting(0..<count))
    else { return nil }
    return (memory.virtualPages &* Machine.pageSize, memory.residentPages &* Machine.pageSize)
  }

  /// How many descriptors are open. Nil where that cannot be found out.
  package mutating func openDescriptors() -> UInt64? {
    // From 6.2 on the folder's size is the number; before, it is 0 and the entries are counted.
    if let size = try? descriptors.size(), size > 0 { return size }
    guard (try? descriptors.list(into: &numbers)) != nil else { return nil }
    return UInt64(numbers.count)
  }

  /// When this process was started. Nil where it cannot be read.
  package static func startTime() -> UnixTime? {
    startInstant().map { UnixTime(sinceBootWithSuspends: $0.sinceBoot) }
  }

  /// The same as an instant of the machine's run.
  package static func startInstant() -> BootInstant? {
    var file = SingleValueFile("/proc/self/stat")
    var text = [UInt8](repeating: 0, count: 1024)
    let stat = try? file.read(using: &text, ProcessStat.init(parsing:))
    guard let ticks = stat?.startTicks else { return nil }
    return BootInstant(sinceBoot: Machine.duration(ofTicks: ticks))
  }
}
