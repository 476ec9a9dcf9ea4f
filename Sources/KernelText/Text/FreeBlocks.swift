/// `/proc/buddyinfo` (mm/vmstat.c, frag_show): a line for each zone, with how many free blocks of each
/// order it has: `Node 0, zone   Normal  14767  10404   8670 …`, from one page upwards.
package enum FreeBlocks {
  /// Base pages in free blocks of this order and above. Nil where a line is not such a line, or the
  /// last one was cut.
  package static func pages(_ text: Span<UInt8>, fromOrder least: Int) -> UInt64? {
    guard text.count > 0, text[text.count - 1] == UInt8(ascii: "\n") else { return nil }
    var (sum, start): (UInt64, Int) = (0, 0)
    while start < text.count {
      var end = start
      while text[end] != UInt8(ascii: "\n") { end += 1 }
      guard let pages = Self.pages(ofLine: text.extracting(start..<end), fromOrder: least) else {
        return nil
      }
      let (total, overflow) = sum.addingReportingOverflow(pages)
      guard !overflow else { return nil }
      sum = total
      start = end + 1
    }
    return sum
  }

  private static func pages(ofLine line: Span<UInt8>, fromOrder least: Int) -> UInt64? {
    var words = Words()
    guard let node = words.next(in: line), line.extracting(node).equals("Node"),
      words.next(in: line) != nil,
      let zone = words.next(in: line), line.extracting(zone).equals("zone"),
      words.next(in: line) != nil
    else { return nil }
    var (sum, order): (UInt64, Int) = (0, 0)
    while let word = words.next(in: line) {
      guard order < 32, let blocks = SingleValue.number(line.extracting(word)), blocks < 1 << 31
      else { return nil }
      if order >= least { sum += blocks << UInt64(order) }
      order += 1
    }
    return order > 0 ? sum : nil
  }
}
