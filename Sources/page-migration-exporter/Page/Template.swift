/// Text with `{{names}}` in the places of what is not known yet.
struct Template {
  let text: String

  init(_ bytes: [UInt8]) { text = String(decoding: bytes, as: UTF8.self) }
  private init(_ text: String) { self.text = text }

  /// What is put in is not looked through for further names.
  func filled(_ values: [String: String]) -> Template {
    var rest = text[...]
    var filled = ""
    while let (before, name, after) = rest.nextPlace() {
      filled += before
      filled += values[name] ?? "{{\(name)}}"
      rest = after
    }
    return Template(filled + rest)
  }

  /// What stands before, between and behind the places of `name`.
  func split(around name: String) -> [String] {
    var rest = text[...]
    var pieces = [""]
    while let (before, found, after) = rest.nextPlace() {
      pieces[pieces.count - 1] += before
      if found == name { pieces.append("") } else { pieces[pieces.count - 1] += "{{\(found)}}" }
      rest = after
    }
    pieces[pieces.count - 1] += rest
    return pieces
  }
}

extension Substring {
  /// Nil where there is no place any more.
  fileprivate func nextPlace() -> (before: Substring, name: String, after: Substring)? {
    guard let opening = place(of: "{{") else { return nil }
    let name = self[index(opening, offsetBy: 2)...]
    guard let closing = name.place(of: "}}") else { return nil }
    return (
      self[..<opening], String(name[..<closing]), self[index(closing, offsetBy: 2)...]
    )
  }

  private func place(of pair: String) -> Index? {
    let wanted = Array(pair.utf8)
    return zip(utf8.indices, zip(utf8, utf8.dropFirst()))
      .first { $0.1.0 == wanted[0] && $0.1.1 == wanted[1] }?.0
  }
}
