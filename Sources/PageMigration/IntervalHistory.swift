/// The last intervals, oldest first, in memory that does not grow: 96 bytes each.
package struct IntervalHistory: RandomAccessCollection, Sendable {
  /// How far back it goes, in nanoseconds.
  package static let span: UInt64 = 600 * 1_000_000_000

  private let capacity: Int
  private var ring: [Interval] = []
  private var first = 0

  /// - Parameter interval: the nominal length of an interval in nanoseconds, above 0.
  package init(interval: UInt64) {
    capacity = Int((Self.span + interval - 1) / interval)
    ring.reserveCapacity(capacity)
  }

  package mutating func append(_ interval: Interval) {
    if ring.count < capacity {
      ring.append(interval)
    } else {
      ring[first] = interval
      first = (first + 1) % capacity
    }
  }

  package var startIndex: Int { 0 }
  package var endIndex: Int { ring.count }
  package subscript(index: Int) -> Interval { ring[(first + index) % ring.count] }
}
