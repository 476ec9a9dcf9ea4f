/// A line of `/proc/PID/smaps` (Documentation/filesystems/proc.rst): the head of a mapping, which
/// is its line of `/proc/PID/maps`, or one of the fields that follow it.
package enum SmapsLine: Equatable, Sendable {
  case head(Head)
  /// Bytes of the mapping that are mapped by whole THPs: anonymous, shared or of a file.
  case hugeBytes(UInt64)
  /// Any other field.
  case other

  package struct Head: Equatable, Sendable {
    package let start: UInt64
    /// Of the file system that the mapped file is in; 0:0 where there is no file.
    package let device: DeviceNumber
    /// As the kernel shows it: a path, `[heap]`, `[stack]`, `[anon:name]` or nothing.
    package let name: String
  }

  package init(parsing line: Span<UInt8>) throws(MalformedLine.Problem) {
    // A field begins with a capital letter, an address with a digit or a small one.
    guard line.count > 0, !(UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(line[0]) else {
      let isHuge =
        line.begins(with: "AnonHugePages:") || line.begins(with: "ShmemPmdMapped:")
        || line.begins(with: "FilePmdMapped:")
      self = isHuge ? .hugeBytes(try Self.bytes(line)) : .other
      return
    }
    var words = Words()
    guard let (start, _) = line.hexadecimal(until: UInt8(ascii: "-")), words.next(in: line) != nil,
      words.next(in: line) != nil, words.next(in: line) != nil,
      let device = words.next(in: line), words.next(in: line) != nil
    else { throw .noAddress }
    self = .head(
      Head(
        start: start, device: try Self.device(line.extracting(device)),
        name: String(
          decoding: [UInt8](copying: line.extracting(words.rest(in: line))), as: UTF8.self)))
  }

  /// `AnonHugePages:      2048 kB`
  private static func bytes(_ line: Span<UInt8>) throws(MalformedLine.Problem) -> UInt64 {
    var words = Words()
    guard words.next(in: line) != nil, let number = words.next(in: line),
      let value = SingleValue.number(line.extracting(number)), let unit = words.next(in: line),
      line.extracting(unit).equals("kB")
    else { throw .notANumber }
    let (bytes, overflows) = value.multipliedReportingOverflow(by: 1024)
    guard !overflows else { throw .tooLarge }
    return bytes
  }

  /// `fe:01`, in hexadecimal.
  private static func device(_ word: Span<UInt8>) throws(MalformedLine.Problem) -> DeviceNumber {
    let parts = SingleValue.word(word).split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let major = UInt32(parts[0], radix: 16),
      let minor = UInt32(parts[1], radix: 16)
    else { throw .notANumber }
    return DeviceNumber(major: major, minor: minor)
  }
}

/// The number of a device, or that which the kernel gave to a file system without one.
package struct DeviceNumber: Hashable, Sendable {
  package let major: UInt32
  package let minor: UInt32

  package init(major: UInt32, minor: UInt32) {
    self.major = major
    self.minor = minor
  }
}
