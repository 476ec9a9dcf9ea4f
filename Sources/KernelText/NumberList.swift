/// The kernel's list of CPUs or nodes: `0-3,8` (`Documentation/core-api/printk-formats.rst`, `%*pbl`).
package struct NumberList: Hashable, Sendable {
  /// Rising and apart, as the kernel writes them.
  package let ranges: [ClosedRange<Int>]

  /// Nil unless `text` is such a list, whose numbers rise: one that repeats itself could list
  /// far more than there is. White space at the end is ignored; an empty list is a list.
  package init?(_ text: Span<UInt8>) {
    var ranges: [ClosedRange<Int>] = []
    var scanner = WordScanner()
    scanner.end = text.count
    while scanner.end > 0, text[scanner.end - 1] <= UInt8(ascii: " ") { scanner.end -= 1 }
    while scanner.position < scanner.end {
      guard let first = scanner.number(in: text), first > ranges.last?.upperBound ?? -1 else {
        return nil
      }
      var last = first
      if scanner.take(UInt8(ascii: "-"), in: text) {
        guard let end = scanner.number(in: text), end >= first else { return nil }
        last = end
      }
      ranges.append(first...last)
      if scanner.position < scanner.end {
        guard scanner.take(UInt8(ascii: ","), in: text), scanner.position < scanner.end else {
          return nil
        }
      }
    }
    self.ranges = ranges
  }

  /// The numbers from 0 to `limit`, rising, however much further a range goes.
  package func numbers(upTo limit: Int) -> [Int] {
    ranges.flatMap {
      $0.lowerBound <= limit ? Array($0.lowerBound...min($0.upperBound, limit)) : []
    }
  }

  package func contains(_ number: Int) -> Bool { ranges.contains { $0.contains(number) } }
}

private struct WordScanner {
  var position = 0
  var end = 0

  /// At most nine digits: no kernel has more CPUs or nodes.
  mutating func number(in text: Span<UInt8>) -> Int? {
    var value = 0
    let start = position
    while position < end, case let digit = text[position] &- UInt8(ascii: "0"), digit <= 9 {
      value = value * 10 + Int(digit)
      position += 1
      if position - start > 9 { return nil }
    }
    return position > start ? value : nil
  }

  mutating func take(_ byte: UInt8, in text: Span<UInt8>) -> Bool {
    guard position < end, text[position] == byte else { return false }
    position += 1
    return true
  }
}
