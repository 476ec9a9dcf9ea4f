/// A text in sections: each begins with a line `= name: remark`, and between two there is an empty line.
package struct Sections {
  package struct Section {
    package let name: String
    package let remark: String
    package fileprivate(set) var text: String
  }

  /// What stands before the first.
  package let preamble: String
  package private(set) var all: [Section]

  package init(parsing text: String) {
    // Whatever a section's text is, its heading ends in a newline: the empty line is a second one.
    var pieces = "\n\n\(text)".split(separator: "\n\n= ", omittingEmptySubsequences: false)
    preamble = String(pieces.removeFirst().drop { $0.isNewline })
    all = pieces.map { piece in
      let lines = piece.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
      let heading = lines[0].split(separator: ": ", maxSplits: 1)
      let text = lines.count > 1 ? String(lines[1]) : ""
      return Section(
        name: String(heading[0]), remark: heading.count > 1 ? String(heading[1]) : "",
        text: text.isEmpty || text.hasSuffix("\n") ? text : text + "\n")
    }
  }

  package init(of file: String) throws { self.init(parsing: try Files.text(file)) }

  package subscript(name: String) -> Section? { all.first { $0.name == name } }

  /// The whole text, with another below this heading. A section that is not there comes last.
  package func replacing(_ name: String, with text: String) -> String {
    var changed = all
    if let place = all.firstIndex(where: { $0.name == name }) {
      changed[place].text = text
    } else {
      changed.append(Section(name: name, remark: "", text: text))
    }
    let sections = changed.map { section in
      "= \(section.name)\(section.remark.isEmpty ? "" : ": ")\(section.remark)\n\(section.text)"
    }
    return ((preamble.isEmpty ? [] : ["\(preamble)\n"]) + sections).joined(separator: "\n")
  }
}
