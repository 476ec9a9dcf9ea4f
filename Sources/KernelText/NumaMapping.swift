/// A mapping of a process and on which nodes its pages are: a line of `/proc/PID/numa_maps`
/// (fs/proc/task_mmu.c, show_numa_map).
///
/// `7f00 default file=/lib/libc.so mapped=3 N0=2 N1=1 kernelpagesize_kB=4`
///
/// A page counts once for each mapping that has it. Counts are in base pages, also those of a THP;
/// in a hugetlb mapping they are in its huge pages. Either way `kernelpagesize_kB` is the unit.
package struct NumaMapping: Equatable, Sendable {
  /// What the kernel says of the mapping, not of each page: a private mapping of a file holds
  /// anonymous copies, too.
  package enum Kind: Sendable { case anonymous, heap, stack, file }

  package let start: UInt64
  package private(set) var kind = Kind.anonymous
  package private(set) var isHugetlb = false
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

  /// - Parameter line: without its newline. Fields that are not known here are passed over: so is
  ///   the memory policy, which may be of two words (`prefer (many):0-1`).
  package init(parsing line: Span<UInt8>) throws(MalformedLine.Problem) {
    var words = Words()
    guard let first = words.next(in: line), first.lowerBound == 0,
      let (start, _) = line.hexadecimal(until: UInt8(ascii: " "))
    else { throw .noAddress }
    self.start = start
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
      } else if let digits = Self.nodeDigits(of: word) {
        let count = try Self.number(word, behind: digits.upperBound + 1)
        let node = try Self.number(word.extracting(digits), behind: 0)
        nodes.append(NodeBytes(node: Int(truncatingIfNeeded: node), bytes: count))
      }
    }
    guard !nodes.isEmpty else { return }
    guard let pageSize else { throw .noPageSize }
    for index in nodes.indices {
      nodes[index].bytes = try Self.product(nodes[index].bytes, pageSize)
    }
  }

  /// Where the node's number stands in `N0=12`: one to nine digits. Nil for any other word.
  private static func nodeDigits(of word: Span<UInt8>) -> Range<Int>? {
    guard word.begins(with: "N") else { return nil }
    var end = 1
    while end < word.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(word[end]) { end += 1 }
    guard (2...10).contains(end), end < word.count, word[end] == UInt8(ascii: "=") else {
      return nil
    }
    return 1..<end
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
