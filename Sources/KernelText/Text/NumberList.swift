/// The kernel's list of CPUs or nodes: `0-3,8` (`Documentation/core-api/printk-formats.rst`, `%*pbl`).
package struct NumberList: Hashable, Sendable {
  /// Rising and apart, as the kernel writes them.
  package let ranges: [ClosedRange<Int>]

  /// Nil unless `text` is such a list, whose numbers rise: one that repeats itself could list
  /// far more than there is. White space at the end is ignored; an empty list is a list.
  package init?(_ text: Span<UInt8>) {
    var ranges: [ClosedRange<Int>] = []
    let end = SingleValue.trimmedCount(text)
    var position = 0
    func take(_ byte: UInt8) -> Bool {
      guard position < end, text[position] == byte else { return false }
      position += 1
      return true
    }
    func number() -> Int? {
      guard let (value, next) = Digits.small(of: text, from: position) else { return nil }
      position = next
      return value
    }
    while position < end {
      guard let first = number(), first > ranges.last?.upperBound ?? -1 else { return nil }
      var last = first
      if take(UInt8(ascii: "-")) {
        guard let upper = number(), upper >= first else { return nil }
        last = upper
      }
      ranges.append(first...last)
      guard position == end || take(UInt8(ascii: ",")) && position < end else { return nil }
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
