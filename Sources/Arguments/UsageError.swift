/// A command line that is not understood, in one line without its end.
package struct UsageError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Ends a complaint about `word` with the one of `known` that was probably meant, if there is one.
func suggestion(for word: String, among known: [String]) -> String {
  let near = known.map { (name: $0, distance: distance(word, $0)) }
    .filter { $0.distance <= min(3, $0.name.utf8.count / 2) }
    .min { $0.distance < $1.distance }
  return near.map { ". Did you mean '\($0.name)'?" } ?? ""
}

/// How many bytes have to be put in, left out or changed to make one of the other (Levenshtein).
private func distance(_ one: String, _ other: String) -> Int {
  let other = Array(other.utf8)
  var row = Array(0...other.count)
  for (line, byte) in one.utf8.enumerated() {
    var diagonal = row[0]
    row[0] = line + 1
    for (column, another) in other.enumerated() {
      let changed = diagonal + (byte == another ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(changed, row[column] + 1, diagonal + 1)
    }
  }
  return row[other.count]
}
