/// A flag as a shell completes it.
struct Completion {
  enum Value {
    case file, folder, anything
    case oneOf([String])
  }

  let name: String
  let help: String
  /// Nil where it takes none.
  let value: Value?
  /// Who knows it.
  var commands: [String]

  /// Each flag of any command once.
  static func all(of table: CommandTable, withoutValue: Bool = false) -> [Completion] {
    var all: [Completion] = []
    for command in table.commands {
      for parameter in command.parameters where !parameter.isOperand {
        let value: Value? = if case .option = parameter.kind { Value(parameter) } else { nil }
        guard withoutValue || value != nil else { continue }
        for name in parameter.names {
          // The same flag may mean something else in another command.
          if let place = all.firstIndex(where: { $0.name == name && $0.help == parameter.help }) {
            all[place].commands.append(command.name)
          } else {
            all.append(
              Completion(name: name, help: parameter.help, value: value, commands: [command.name]))
          }
        }
      }
    }
    return all
  }

  static func takesFile(_ parameter: Parameter) -> Bool {
    parameter.isOperand && parameter.name == "file"
  }

  static func takingFiles(_ commands: [any Command.Type]) -> [String] {
    commands.filter { $0.parameters.contains(where: takesFile) }.map { $0.name }
  }
}

extension Completion.Value {
  /// Told by what --help calls it.
  init(_ parameter: Parameter) {
    guard parameter.choices.isEmpty else {
      self = .oneOf(parameter.choices)
      return
    }
    switch parameter.kind {
    case .option("file"): self = .file
    case .option("folder"): self = .folder
    default: self = .anything
    }
  }
}
