/// `/proc/buddyinfo` (mm/vmstat.c, frag_show): a line for each zone, with how many free blocks of each
/// order it has: `Node 0, zone   Normal  14767  10404   8670 …`, from one page upwards.
package enum FreeBlocks {
  /// Calls `body` for each zone with its node, and with the base pages in its free blocks of this order
  /// and above.
  ///
  /// - Returns: false where a line is not such a line, or the last one was cut.
  package static func forEachZone(
    _ text: Span<UInt8>, fromOrder least: Int, _ body: (_ node: Int, _ pages: UInt64) -> Void
  ) -> Bool {
    guard text.count > 0, text[text.count - 1] == UInt8(ascii: "\n") else { return false }
    var start = 0
    while start < text.count {
      var end = start
      while text[end] != UInt8(ascii: "\n") { end += 1 }
      guard let (node, pages) = zone(text.extracting(start..<end), fromOrder: least) else {
        return false
      }
      body(node, pages)
      start = end + 1
    }
    return true
  }

  private static func zone(
    _ line: Span<UInt8>, fromOrder least: Int
  ) -> (node: Int, pages: UInt64)? {
    var words = Words()
    guard let word = words.next(in: line), line.extracting(word).equals("Node"),
      let number = words.next(in: line), number.count > 1,
      let (node, end) = Digits.small(of: line, from: number.lowerBound),
      end == number.upperBound - 1, line[end] == UInt8(ascii: ","),
      let zone = words.next(in: line), line.extracting(zone).equals("zone"),
      words.next(in: line) != nil
    else { return nil }
    var (sum, order): (UInt64, Int) = (0, 0)
    while let word = words.next(in: line) {
      guard order < 32, let blocks = SingleValue.number(line.extracting(word)), blocks < 1 << 31
      else { return nil }
      // 2^31 blocks of each of 32 orders are fewer than 2^63 pages.
      if order >= least { sum += blocks << UInt64(order) }
      order += 1
    }
    return order > 0 ? (node, sum) : nil
  }
}
