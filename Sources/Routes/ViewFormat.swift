internal import WebServer

/// How something that people look at is answered: as text, or as JSON for a program.
enum ViewFormat: String {
  case text, json

  /// - Parameters:
  ///   - named: the value of `format` in the query. Nil where it has none.
  ///   - isImplied: whether JSON is meant where nothing is named.
  /// - Returns: nil for a name that is neither.
  init?(named: String?, impliesJSON isImplied: Bool) {
    guard let named else {
      self = isImplied ? .json : .text
      return
    }
    self.init(rawValue: named)
  }

  static func refusal(of named: String?) -> Plan {
    .line("400: format is text or json, not '\(named ?? "")'", status: 400)
  }

  var head: Head {
    Head(
      contentType: self == .json ? "application/json" : "text/plain; charset=utf-8",
      headers: [("Vary", "Accept, Accept-Encoding")])
  }
}

extension Request {
  /// Whoever takes anything is a person.
  var prefersJSON: Bool { accept.prefers("application/json", to: "text/plain") }
}
