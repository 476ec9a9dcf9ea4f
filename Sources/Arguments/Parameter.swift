/// What a command takes: a flag or an operand, as --help, manual page and completions describe it.
package struct Parameter: Sendable {
  package enum Kind: Sendable {
    /// A value by its place. What repeats takes all that follow.
    case operand(isOptional: Bool, repeats: Bool)
    /// `--name VALUE` or `--name=VALUE`.
    case option(value: String)
    /// `--name`.
    case flag
    /// `--name` or `--no-name`.
    case toggle(isOn: Bool)
  }

  /// A flag's with its dashes.
  package let name: String
  package let kind: Kind
  /// What it has to do with others. Nil for the command's own.
  package let section: String?
  /// A sentence.
  package let help: String
  /// What else there is to be known, in sentences.
  package let details: String?
  /// The value where none is given. Nil where there is none.
  package let standard: String?
  package let choices: [String]

  /// The flag that turns it off. Nil where there is none.
  package var opposite: String? {
    if case .toggle = kind { "--no-\(name.dropFirst(2))" } else { nil }
  }

  /// What it may be called on a command line.
  var names: [String] { [name] + (opposite.map { [$0] } ?? []) }

  /// As an error names it.
  var signature: String {
    switch kind {
    case .operand(_, let repeats): "<\(name)>\(repeats ? " ..." : "")"
    case .option(let value): "\(name) <\(value)>"
    case .flag, .toggle: name
    }
  }

  var isOperand: Bool { if case .operand = kind { true } else { false } }
}
