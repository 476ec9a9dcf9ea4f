internal import Views

/// The numbers that decide, by rule and name, as they are set.
package struct Thresholds: Sendable {
  private var values: [String: Double]

  /// The rules' own.
  package init() {
    values = Dictionary(
      uniqueKeysWithValues: Rule.all.flatMap { rule in
        rule.thresholds.map { ("\(rule.name).\($0.name)", $0.value) }
      })
  }

  subscript(name: String) -> Double? { values[name] }

  /// Takes what a file sets: lines of `rule.name = number`, and comments that begin with `#`.
  ///
  /// - Throws: ``BadThreshold``, with the line, for what is none of these, an unknown name, or a
  ///   number that is set twice.
  package mutating func set(from text: String, path: String) throws(BadThreshold) {
    var isSet: Set<String> = []
    // A line's end is one character, also where it is CRLF. An editor may have begun with a byte order
    // mark.
    let lines = text.drop { $0 == "\u{FEFF}" }.split(omittingEmptySubsequences: false) {
      $0 == "\n" || $0 == "\r\n"
    }
    for (number, line) in lines.enumerated() {
      let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
      if words.isEmpty { continue }
      func problem(_ reason: String) -> BadThreshold {
        BadThreshold(path: path, line: number + 1, reason: reason)
      }
      guard words.count == 3, words[1] == "=" else {
        throw problem("not of the form 'rule.threshold = number'")
      }
      let name = String(words[0])
      guard values[name] != nil else {
        throw problem("there is no threshold '\(name)' (explain --rules shows them)")
      }
      guard let value = Double(words[2]), value.isFinite, value >= 0 else {
        throw problem("'\(words[2])' is not a number from 0 up")
      }
      guard isSet.insert(name).inserted else { throw problem("'\(name)' is set twice") }
      values[name] = value
    }
  }
}

/// A line of a thresholds file that cannot be taken.
package struct BadThreshold: Error, CustomStringConvertible {
  let path: String
  let line: Int
  let reason: String

  /// With nothing of the file in it that could move a terminal's cursor.
  package var description: String { printable("\(path):\(line): \(reason)") }
}
