/// The collectors that a request asks for with `collect[]=` or `exclude[]=`, as node_exporter has
/// them.
struct CollectorSelection: Equatable {
  /// Why a query is answered with 400.
  struct BadQuery: Error, Equatable {
    let reason: String
  }

  static let all = CollectorSelection(chosen: nil, excluded: [])

  /// Nil for all of them.
  private let chosen: Set<Int>?
  private let excluded: Set<Int>

  private init(chosen: Set<Int>?, excluded: Set<Int>) {
    self.chosen = chosen
    self.excluded = excluded
  }

  /// - Parameter names: of the collectors that are on. Other parameters of the query are ignored.
  init(_ query: [(name: String, value: String)], among names: [String]) throws(BadQuery) {
    var (chosen, excluded): (Set<Int>, Set<Int>) = ([], [])
    for (name, value) in query where name == "collect[]" || name == "exclude[]" {
      guard let index = names.firstIndex(of: value) else {
        throw BadQuery(
          reason:
            "\(name): no collector '\(value)' is on; there are \(names.joined(separator: ", "))")
      }
      if name == "collect[]" { chosen.insert(index) } else { excluded.insert(index) }
    }
    guard chosen.isEmpty || excluded.isEmpty else {
      throw BadQuery(reason: "collect[] and exclude[] exclude each other")
    }
    self.init(chosen: chosen.isEmpty ? nil : chosen, excluded: excluded)
  }

  /// The same for the same selection.
  var key: String { "\(chosen?.sorted() ?? []) \(excluded.sorted())" }

  func includes(_ index: Int) -> Bool {
    chosen?.contains(index) ?? !excluded.contains(index)
  }
}
