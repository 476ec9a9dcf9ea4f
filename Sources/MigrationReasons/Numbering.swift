/// Which numbers of the kernel (reasons, or modes) are shown, under which names, in which order.
///
/// All the kernel names are, from the start; others are once they were counted.
struct Numbering: Sendable {
  /// Numbers that have a place in a slot; the last place stands for all beyond.
  let places: Int
  private(set) var numbers: [Int]
  private(set) var names: [String]

  init(_ symbols: [TracepointFormat.Symbol], places: Int) {
    self.places = places
    let placed = symbols.filter { (0..<places - 1).contains($0.number) }
    numbers = placed.map(\.number)
    names = placed.map(\.name)
  }

  /// Whether the number had to be added, in its order.
  mutating func show(_ number: Int) -> Bool {
    guard !numbers.contains(number) else { return false }
    let place = numbers.firstIndex { $0 > number } ?? numbers.count
    numbers.insert(number, at: place)
    names.insert(SlotLayout.unknownName(number, of: places), at: place)
    return true
  }
}
