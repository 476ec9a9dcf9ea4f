/// What a mapping of a process is of. What the kernel says of the mapping, not of each page: a
/// private mapping of a file holds anonymous copies, too.
package enum MappingKind: String, CaseIterable, Sendable {
  case anon, heap, stack, file, shmem, hugetlb
}

/// A mapping of a process and on which nodes its pages are: a line of `/proc/PID/numa_maps`
/// (fs/proc/task_mmu.c, show_numa_map).
///
/// `7f00 default file=/lib/libc.so mapped=3 N0=2 N1=1 kernelpagesize_kB=4`
///
/// A page counts once for each mapping that has it. Counts are in base pages, also those of a THP;
/// in a hugetlb mapping they are in its huge pages. Either way `kernelpagesize_kB` is the unit.
package struct NumaMapping: Equatable, Sendable {
  package let start: UInt64
  /// The memory policy as the kernel writes it (mm/mempolicy.c, mpol_to_str): `default`, `bind:0-1`,
  /// `prefer (many):0-1`.
  package private(set) var policy = ""
  /// Never `shmem`, which looks like any file here.
  package private(set) var kind = MappingKind.anon
  /// In bytes. Nil where the mapping has no pages.
  package private(set) var pageSize: UInt64?
  /// The nodes that have pages of it.
  package private(set) var nodes: [NodeBytes] = []

  package struct NodeBytes: Equatable, Sendable {
    package let node: Int
    package var bytes: UInt64

    package init(node: Int, bytes: UInt64) {
      self.node = node
      self.bytes = bytes
    }
  }

  /// - Parameter line: without its newline. Fields that are not known here are passed over.
  package init(parsing line: Span<UInt8>) throws(MalformedLine.Problem) {
    var words = Words()
    guard let first = words.next(in: line), first.lowerBound == 0,
      let (start, _) = line.hexadecimal(until: UInt8(ascii: " "))
    else { throw .noAddress }
    self.start = start
    policy = Self.policy(&words, in: line)
    var isHugetlb = false
    while let range = words.next(in: line) {
      let word = line.extracting(range)
      if word.begins(with: "file=") {
        kind = .file
      } else if word.equals("heap") {
        kind = .heap
      } else if word.equals("stack") {
        kind = .stack
      } else if word.equals("huge") {
        isHugetlb = true
      } else if word.begins(with: "kernelpagesize_kB=") {
        pageSize = try Self.product(try Self.number(word, behind: 18), 1024)
      } else if let (node, end) = Self.node(of: word) {
        nodes.append(NodeBytes(node: node, bytes: try Self.number(word, behind: end)))
      }
    }
    if isHugetlb { kind = .hugetlb }
    guard !nodes.isEmpty else { return }
    guard let pageSize else { throw .noPageSize }
    for index in nodes.indices {
      nodes[index].bytes = try Self.product(nodes[index].bytes, pageSize)
    }
  }

  /// Of one word, or of two: `prefer (many):0-1`, `weighted interleave:0-1`.
  private static func policy(_ words: inout Words, in line: Span<UInt8>) -> String {
    guard let word = words.next(in: line) else { return "" }
    let first = line.extracting(word)
    guard first.equals("prefer") || first.equals("weighted") else { return SingleValue.word(first) }
    var ahead = words
    guard let next = ahead.next(in: line),
      line.extracting(next).begins(with: first.equals("prefer") ? "(many)" : "interleave")
    else { return SingleValue.word(first) }
    words = ahead
    return SingleValue.word(line.extracting(word.lowerBound..<next.upperBound))
  }

  /// The node of `N0=12`, and where its count begins. Nil for any other word.
  private static func node(of word: Span<UInt8>) -> (node: Int, end: Int)? {
    guard word.begins(with: "N"), let (node, end) = Digits.small(of: word, from: 1),
      end < word.count, word[end] == UInt8(ascii: "=")
    else { return nil }
    return (node, end + 1)
  }

  private static func number(
    _ word: Span<UInt8>, behind offset: Int
  ) throws(MalformedLine.Problem) -> UInt64 {
    guard let value = SingleValue.number(word.extracting(offset..<word.count)) else {
      throw .notANumber
    }
    return value
  }

  private static func product(_ one: UInt64, _ other: UInt64) throws(MalformedLine.Problem)
    -> UInt64
  {
    let (product, overflows) = one.multipliedReportingOverflow(by: other)
    guard !overflows else { throw .tooLarge }
    return product
  }
}

/// A line of `/proc/PID/smaps` (Documentation/filesystems/proc.rst): the head of a mapping, which
/// is its line of `/proc/PID/maps`, or one of the fields that follow it.
package enum SmapsLine: Equatable, Sendable {
  case head(Head)
  /// Bytes of the mapping that are mapped by whole THPs: anonymous, shared or of a file.
  case thpBytes(UInt64)
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
      let isTHP =
        line.begins(with: "AnonHugePages:") || line.begins(with: "ShmemPmdMapped:")
        || line.begins(with: "FilePmdMapped:")
      self = isTHP ? .thpBytes(try Self.bytes(line)) : .other
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

/// A line of `/proc/PID/mountinfo` (Documentation/filesystems/proc.rst).
///
/// `25 24 0:23 / /dev/shm rw,relatime shared:3 - tmpfs tmpfs rw`
package struct MountLine: Equatable, Sendable {
  package let device: DeviceNumber
  package let type: String

  /// Nil where the line is none of a mount.
  package init?(parsing line: Span<UInt8>) {
    let words = SingleValue.word(line).split(separator: " ")
    guard words.count > 2, let dash = words.firstIndex(of: "-"), dash + 1 < words.count else {
      return nil
    }
    let numbers = words[2].split(separator: ":").compactMap { UInt32($0) }
    guard numbers.count == 2 else { return nil }
    device = DeviceNumber(major: numbers[0], minor: numbers[1])
    type = String(words[dash + 1])
  }
}
