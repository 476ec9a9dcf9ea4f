internal import System

/// What can be given as a value on a command line.
package protocol ArgumentValue {
  init(argument: String) throws(InvalidArgument)

  /// As --help shows it, where it is a default.
  var asArgument: String { get }

  /// What else it may be, where that is a short list. Empty otherwise.
  static var choices: [String] { get }

  /// What a value looks like, with an example. Nil where anything goes.
  static var form: String? { get }
}

/// A value that cannot be taken.
package struct InvalidArgument: Error {
  /// Nil where its form says enough.
  let reason: String?

  package init(_ reason: String? = nil) { self.reason = reason }
}

extension ArgumentValue {
  package static var choices: [String] { [] }
  package static var form: String? { nil }
}

extension ArgumentValue where Self: RawRepresentable & CaseIterable, RawValue == String {
  package init(argument: String) throws(InvalidArgument) {
    guard let value = Self(rawValue: argument) else { throw InvalidArgument() }
    self = value
  }

  package var asArgument: String { rawValue }
  package static var choices: [String] { allCases.map(\.rawValue) }
}

extension String: ArgumentValue {
  package init(argument: String) { self = argument }

  package var asArgument: String { self }
}

extension Int: ArgumentValue {
  package init(argument: String) throws(InvalidArgument) {
    guard let value = Int(argument) else { throw InvalidArgument() }
    self = value
  }

  package var asArgument: String { String(self) }
  package static var form: String? { "a whole number such as 100" }
}

extension Double: ArgumentValue {
  package init(argument: String) throws(InvalidArgument) {
    guard let value = Double(argument) else { throw InvalidArgument() }
    self = value
  }

  package var asArgument: String { "\(self)" }
  package static var form: String? { "a number such as 0.5 or 10" }
}

extension Duration: ArgumentValue {
  /// As Prometheus spells it: `100ms`, `1s`, `5m` or `0`.
  package init(argument: String) throws(InvalidArgument) {
    guard let value = Duration(spelled: argument) else { throw InvalidArgument() }
    self = value
  }

  package var asArgument: String { spelled }
  package static var form: String? { "500ms, 10s, 5m or 1h" }
}
