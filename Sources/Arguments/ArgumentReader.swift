/// Some of a command's arguments, which several commands may share. Their values are read in the order in which --help shows them.
package protocol ArgumentGroup {
  init(_ arguments: inout ArgumentReader) throws(UsageError)
}

/// What stands behind a command's name, from which the command takes what it knows by name. What
/// nobody took at the end was not understood.
///
/// A word that begins with a dash is never the value of the word before it, so the order of taking
/// makes no difference, but operands come last.
package struct ArgumentReader {
  private struct Word {
    let text: String
    /// Behind `--`, where nothing is a flag.
    let isVerbatim: Bool
    var isTaken = false

    var looksLikeFlag: Bool { !isVerbatim && text.hasPrefix("-") && text != "-" }
  }

  private var words: [Word] = []
  private var section: String?
  /// Said only if no flag is unknown: that explains more.
  private var missing: UsageError?
  /// All that was asked for, also where it was not given.
  package private(set) var parameters: [Parameter] = []

  package init(_ arguments: [String] = []) {
    var isVerbatim = false
    for text in arguments {
      if text == "--", !isVerbatim {
        isVerbatim = true
      } else {
        words.append(Word(text: text, isVerbatim: isVerbatim))
      }
    }
  }

  /// Reads what several commands share, under a heading of its own in --help.
  package mutating func group<Group: ArgumentGroup>(_ title: String? = nil) throws(UsageError)
    -> Group
  {
    let outer = section
    section = title ?? section
    defer { section = outer }
    return try Group(&self)
  }

  /// Whether `--name` is given.
  package mutating func flag(
    _ name: String, _ help: String, details: String? = nil
  ) throws(UsageError) -> Bool {
    let parameter = add(name, .flag, help, details)
    return try takeFlags(parameter.name) > 0
  }

  /// Whether `--name` or `--no-name` is given; the last one counts.
  package mutating func toggle(
    _ name: String, isOn: Bool = false, _ help: String, details: String? = nil
  ) throws(UsageError) -> Bool {
    let parameter = add(name, .toggle(isOn: isOn), help, details)
    let last = words.last { $0.looksLikeFlag && parameter.names.contains($0.text) }
    for name in parameter.names { _ = try takeFlags(name) }
    return last.map { $0.text == parameter.name } ?? isOn
  }

  /// The value of `--name`; the last one counts.
  ///
  /// - Parameters:
  ///   - value: what --help calls it.
  ///   - form: what it looks like, if not as any of its type.
  package mutating func value<Value: ArgumentValue>(
    _ name: String, _ value: String, standard: Value, _ help: String, details: String? = nil,
    form: String? = nil
  ) throws(UsageError) -> Value {
    let parameter = add(
      name, .option(value: value), help, details, standard.asArgument, Value.choices)
    let all: [Value] = try takeValues(of: parameter, form)
    return all.last ?? standard
  }

  /// The value of `--name`, if it is given; the last one counts.
  package mutating func value<Value: ArgumentValue>(
    _ name: String, _ value: String, _ help: String, details: String? = nil, form: String? = nil
  ) throws(UsageError) -> Value? {
    let all: [Value] = try values(name, value, help, details: details, form: form)
    return all.last
  }

  /// The value of each `--name`.
  package mutating func values<Value: ArgumentValue>(
    _ name: String, _ value: String, _ help: String, details: String? = nil, form: String? = nil
  ) throws(UsageError) -> [Value] {
    let parameter = add(name, .option(value: value), help, details, nil, Value.choices)
    return try takeValues(of: parameter, form)
  }

  /// The next operand. All flags have to be read by then.
  package mutating func operand<Value: ArgumentValue>(
    _ name: String, standard: Value, _ help: String, form: String? = nil
  ) throws(UsageError) -> Value {
    try optionalOperand(name, standard.asArgument, help, form) ?? standard
  }

  /// The next operand, if there is one.
  package mutating func operand<Value: ArgumentValue>(
    _ name: String, _ help: String, form: String? = nil
  ) throws(UsageError) -> Value? {
    try optionalOperand(name, nil, help, form)
  }

  /// The next operand, without which the command makes no sense.
  package mutating func requiredOperand(
    _ name: String, _ help: String
  ) throws(UsageError) -> String {
    let parameter = add(name, .operand(isOptional: false, repeats: false), help, nil)
    guard let text = takeOperand() else {
      missing = UsageError("Missing expected argument '\(parameter.signature)'")
      return ""
    }
    return text
  }

  /// All operands that are left, at least one.
  package mutating func requiredOperands<Value: ArgumentValue>(
    _ name: String, _ help: String, form: String? = nil
  ) throws(UsageError) -> [Value] {
    let parameter = add(name, .operand(isOptional: false, repeats: true), help, nil)
    var values: [Value] = []
    while let text = takeOperand() { values.append(try convert(text, for: parameter, form)) }
    if values.isEmpty { missing = UsageError("Missing expected argument '\(parameter.signature)'") }
    return values
  }

  /// Refuses what nobody took.
  func finish() throws(UsageError) {
    if let word = words.first(where: { !$0.isTaken }) {
      guard word.looksLikeFlag else { throw UsageError("Unexpected argument '\(word.text)'") }
      let name = String(word.text.prefix { $0 != "=" })
      let known = parameters.filter { !$0.isOperand }.flatMap(\.names)
      throw UsageError("Unknown option '\(name)'\(suggestion(for: name, among: known))")
    }
    if let missing { throw missing }
  }

  // MARK: Taking

  private mutating func add(
    _ name: String, _ kind: Parameter.Kind, _ help: String, _ details: String?,
    _ standard: String? = nil, _ choices: [String] = []
  ) -> Parameter {
    let isOperand = if case .operand = kind { true } else { false }
    let parameter = Parameter(
      name: isOperand ? name : "--\(name)", kind: kind, section: section, help: help,
      details: details, standard: standard, choices: choices)
    parameters.append(parameter)
    return parameter
  }

  private mutating func optionalOperand<Value: ArgumentValue>(
    _ name: String, _ standard: String?, _ help: String, _ form: String?
  ) throws(UsageError) -> Value? {
    let parameter = add(name, .operand(isOptional: true, repeats: false), help, nil, standard)
    guard let text = takeOperand() else { return nil }
    return try convert(text, for: parameter, form)
  }

  private mutating func takeFlags(_ name: String) throws(UsageError) -> Int {
    var count = 0
    for index in words.indices where words[index].looksLikeFlag {
      if words[index].text == name {
        words[index].isTaken = true
        count += 1
      } else if let value = self.value(behind: name, at: index) {
        throw UsageError(
          "The option '\(name)' does not take any value, but '\(value)' was specified.")
      }
    }
    return count
  }

  private mutating func takeValues<Value: ArgumentValue>(
    of parameter: Parameter, _ form: String?
  ) throws(UsageError) -> [Value] {
    var values: [Value] = []
    for index in words.indices where words[index].looksLikeFlag {
      let text: String
      if words[index].text == parameter.name {
        guard words.indices.contains(index + 1), case let next = words[index + 1],
          !next.looksLikeFlag, !next.isVerbatim
        else { throw UsageError("Missing value for '\(parameter.signature)'") }
        words[index + 1].isTaken = true
        text = next.text
      } else if let value = self.value(behind: parameter.name, at: index) {
        text = String(value)
      } else {
        continue
      }
      words[index].isTaken = true
      values.append(try convert(text, for: parameter, form))
    }
    return values
  }

  /// What stands behind `name=`. Nil where another word stands there.
  private func value(behind name: String, at index: Int) -> Substring? {
    let text = words[index].text
    guard text.hasPrefix(name), text.utf8.dropFirst(name.utf8.count).first == UInt8(ascii: "=")
    else { return nil }
    return Substring(text.utf8.dropFirst(name.utf8.count + 1))
  }

  private mutating func takeOperand() -> String? {
    guard let index = words.firstIndex(where: { !$0.isTaken && !$0.looksLikeFlag }) else {
      return nil
    }
    words[index].isTaken = true
    return words[index].text
  }

  private func convert<Value: ArgumentValue>(
    _ text: String, for parameter: Parameter, _ form: String?
  ) throws(UsageError) -> Value {
    do throws(InvalidArgument) {
      return try Value(argument: text)
    } catch {
      let problem = "The value '\(text)' is invalid for '\(parameter.signature)'"
      if let reason = error.reason { throw UsageError("\(problem): \(reason)") }
      if let last = Value.choices.last {
        let others = Value.choices.dropLast().map { "'\($0)'" }.joined(separator: ", ")
        throw UsageError("\(problem). Please provide one of \(others) or '\(last)'.")
      }
      throw UsageError(problem + ((form ?? Value.form).map { ": give it as \($0)" } ?? ""))
    }
  }
}
