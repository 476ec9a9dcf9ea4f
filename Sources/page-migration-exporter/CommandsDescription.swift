internal import Arguments
internal import Views

extension CommandTable {
  /// All commands and what they take, as `help --json` prints them: for manual pages and references.
  var json: JSON {
    .object([
      (
        "commands",
        .array(
          commands.map { command in
            .object([
              ("name", .string(command.name)), ("abstract", .string(command.abstract)),
              ("discussion", JSON(command.discussion)),
              ("parameters", .array(command.parameters.map(\.json))),
            ])
          })
      )
    ])
  }
}

extension Parameter {
  fileprivate var json: JSON {
    var members: [(String, JSON)] = [
      ("name", .string(name)), ("section", JSON(section)), ("help", .string(help)),
      ("details", JSON(details)), ("default", JSON(standard)),
      ("choices", .array(choices.map(JSON.string))),
    ]
    switch kind {
    case .operand(let isOptional, let repeats):
      members += [
        ("kind", .string("operand")), ("optional", .bool(isOptional)), ("repeats", .bool(repeats)),
      ]
    case .option(let value): members += [("kind", .string("option")), ("value", .string(value))]
    case .flag: members.append(("kind", .string("flag")))
    case .toggle(let isOn): members += [("kind", .string("toggle")), ("on", .bool(isOn))]
    }
    return .object(members)
  }
}
