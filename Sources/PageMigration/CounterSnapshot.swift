/// All counters of one file at one instant.
///
/// The kernel sums its counters anew for each 4 KiB that it writes, and CPUs count meanwhile, so
/// two values may be some events apart: a difference between two fields is to be held above zero.
package struct CounterSnapshot: Equatable, Sendable {
  var values: [UInt64]
  /// Bit *n* is set where the kernel has the counter of slot *n*.
  var present: UInt64 = 0

  package init() {
    values = Array(repeating: 0, count: MigrationCounter.allCases.count)
  }

  package init(_ values: [MigrationCounter: UInt64]) {
    self.init()
    for (counter, value) in values {
      self.values[counter.slot] = value
      present |= 1 << UInt64(counter.slot)
    }
  }

  /// Nil where the kernel has no such field.
  package subscript(_ counter: MigrationCounter) -> UInt64? { self[slot: counter.slot] }

  /// The same, for those who have asked for the counter's slot before.
  package subscript(slot slot: Int) -> UInt64? {
    present & (1 << UInt64(slot)) != 0 ? values[slot] : nil
  }

  /// Where the value of a slot goes in ``write(_:to:)``.
  package struct Place: Sendable {
    let slot: Int
    let index: Int

    package init(slot: Int, index: Int) { (self.slot, self.index) = (slot, index) }
  }

  /// Writes the values of some slots to their places in `target`: nil where the kernel has no such field.
  package func write(_ places: [Place], to target: inout [UInt64?]) {
    let (places, values) = (places.span, values.span)
    var target = target.mutableSpan
    for index in places.indices {
      let place = places[index]
      target[place.index] = present & (1 &<< UInt64(place.slot)) != 0 ? values[place.slot] : nil
    }
  }

  /// Gives a value to a counter that the file has not, from where else the kernel tells it.
  package mutating func fillIn(_ counter: MigrationCounter, _ value: UInt64) {
    values[counter.slot] = value
    present |= 1 << UInt64(counter.slot)
  }

  /// Whether it tells how much memory is free, but not how much of it in whole pageblocks, as before 6.15.
  package var lacksFreeBlocks: Bool {
    self[slot: Self.freePages] != nil && self[slot: Self.freePagesBlocks] == nil
  }

  private static let freePages = MigrationCounter.freePages.slot
  private static let freePagesBlocks = MigrationCounter.freePagesBlocks.slot

  /// The counters of some slots, as ``replace(_:_:)`` takes them.
  package struct Slots: Sendable {
    fileprivate let present: UInt64

    /// - Parameter isThere: for each of `MigrationCounter.allCases`.
    package init(_ isThere: [Bool]) {
      present = isThere.indices.reduce(0) { $0 | (isThere[$1] ? 1 << UInt64($1) : 0) }
    }
  }

  /// Replaces all: a value for each of `MigrationCounter.allCases`, of which the kernel has those of some slots.
  package mutating func replace(_ values: [UInt64], _ slots: Slots) {
    present = slots.present
    let values = values.span
    var own = self.values.mutableSpan
    for slot in values.indices { own[slot] = values[slot] }
  }

  /// Takes all away.
  package mutating func clear() { present = 0 }

  /// The counters that only grow, and that are not between what two other readings have; or that only
  /// some of the three have.
  package func countersNotBetween(_ earlier: Self, _ later: Self) -> [MigrationCounter] {
    MigrationCounter.allCases.filter { counter in
      guard !counter.isGauge else { return false }
      return switch (earlier[counter], self[counter], later[counter]) {
      case (nil, nil, nil): false
      case (let least?, let value?, let most?): value < least || most < value
      default: true
      }
    }
  }

  package static func == (one: Self, other: Self) -> Bool {
    one.present == other.present
      && one.values.indices.allSatisfy { one[slot: $0] == other[slot: $0] }
  }
}
