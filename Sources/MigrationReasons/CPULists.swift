internal import KernelText

/// Which CPUs the machine can have, and which are online. Kernel: `/sys/devices/system/cpu`.
struct CPULists: ~Copyable {
  private var possibleFile: PseudoFile
  private var onlineFile: PseudoFile
  private var buffer = [UInt8](repeating: 0, count: 256)

  init(sysfs: String) {
    possibleFile = PseudoFile("\(sysfs)/devices/system/cpu/possible", keepsOpen: false)
    onlineFile = PseudoFile("\(sysfs)/devices/system/cpu/online")
  }

  /// How many there can be. They are to be numbered from 0 on.
  mutating func possible() throws(ReasonsUnavailable) -> Int {
    let list = try Self.read(&possibleFile, &buffer)
    guard list.ranges.count == 1, let all = list.ranges.first, all.lowerBound == 0 else {
      throw .malformedFormat(path: possibleFile.path, problem: "not one range from 0 on")
    }
    return all.count
  }

  mutating func online() throws(ReasonsUnavailable) -> NumberList {
    try Self.read(&onlineFile, &buffer)
  }

  private static func read(
    _ file: inout PseudoFile, _ buffer: inout [UInt8]
  ) throws(ReasonsUnavailable) -> NumberList {
    let count: Int
    do throws(FileError) { count = try file.readLine(into: &buffer) } catch {
      throw .unreadable(error)
    }
    guard let list = NumberList(buffer.span.extracting(0..<count)) else {
      throw .malformedFormat(path: file.path, problem: "not a list of numbers")
    }
    return list
  }
}
