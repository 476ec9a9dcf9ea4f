/// A value in a YAML text, with its place.
struct YAMLNode: Sendable {
  enum Content: Sendable {
    /// - Parameter isPlain: whether it has no quotes and is no block, so that it could be a number.
    case scalar(String, isPlain: Bool)
    case list([YAMLNode])
    case mapping([(key: YAMLNode, value: YAMLNode)])
  }

  let position: TextPosition
  let content: Content

  /// Whether it stands for nothing: an empty value, `~` or `null`.
  var isNull: Bool {
    guard case .scalar(let text, isPlain: true) = content else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(text)
  }

  /// What kind of value it is, as an error names it.
  var kind: String {
    switch content {
    case .scalar: "a single value"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// Something in a YAML text that is not taken.
struct YAMLProblem: Error {
  /// Nil where it has none.
  let position: TextPosition?
  let reason: String
}
