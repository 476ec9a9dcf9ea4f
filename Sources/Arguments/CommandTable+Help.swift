extension CommandTable {
  /// The help without a command, with the flags of the one that runs then: who knows other exporters
  /// looks for them there.
  var helpText: String {
    var help = HelpText()
    help.paragraph("OVERVIEW: \(abstract)")
    help.paragraph(discussion)
    help.paragraph("USAGE: \(program) [<subcommand>] [<options>]")
    help.heading("SUBCOMMANDS")
    for (index, command) in commands.enumerated() {
      help.entry("\(command.name)\(index == 0 ? " (default)" : "")", command.abstract)
    }
    help.paragraph("See '\(program) help <subcommand>' for detailed help.", indent: 2)
    help.options(commands[0].parameters)
    return help.text
  }

  func helpText(of command: any Command.Type) -> String {
    let parameters = command.parameters
    var help = HelpText()
    help.paragraph("OVERVIEW: \(command.abstract)")
    if let discussion = command.discussion { help.paragraph(discussion) }
    let operands = parameters.filter(\.isOperand).map {
      if case .operand(isOptional: true, _) = $0.kind { "[\($0.signature)]" } else { $0.signature }
    }
    help.paragraph(
      "USAGE: " + ([program, command.name, "[<options>]"] + operands).joined(separator: " "))
    help.options(parameters)
    return help.text
  }
}

/// Sections between empty lines, for a terminal of 80 columns.
private struct HelpText {
  private static let width = 80
  /// Where meanings begin.
  private static let column = 26

  private(set) var text = ""

  mutating func paragraph(_ words: String, indent: Int = 0) {
    if !text.isEmpty { text += "\n" }
    for line in lines(of: words, indent: indent) { text += line + "\n" }
  }

  mutating func heading(_ title: String) { text += "\n\(title):\n" }

  /// The operands, the flags by section, and those of every command.
  mutating func options(_ parameters: [Parameter]) {
    let operands = parameters.filter(\.isOperand)
    let flags = parameters.filter { !$0.isOperand }
    if !operands.isEmpty { heading("ARGUMENTS") }
    for operand in operands { entry("<\(operand.name)>", operand.described) }
    var shown: [String] = []
    for title in flags.compactMap(\.section) where !shown.contains(title) {
      shown.append(title)
      heading(title.uppercased())
      for flag in flags where flag.section == title { entry(flag.spelled, flag.described) }
    }
    heading("OPTIONS")
    for flag in flags where flag.section == nil { entry(flag.spelled, flag.described) }
    entry("--version", "Show the version.")
    entry("-h, --help", "Show help information.")
  }

  /// A name and what it means, on one line where it is short.
  mutating func entry(_ name: String, _ meaning: String) {
    var lines = lines(of: meaning, indent: Self.column)
    let head = "  \(name)"
    if head.count + 2 <= Self.column, let first = lines.first {
      lines[0] =
        head + String(repeating: " ", count: Self.column - head.count)
        + first.dropFirst(Self.column)
    } else {
      lines.insert(head, at: 0)
    }
    for line in lines { text += line + "\n" }
  }

  private func lines(of words: String, indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in words.split(separator: " ") {
      if !line.isEmpty, indent + line.count + 1 + word.count > Self.width {
        lines.append(margin + line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [margin + line]
  }
}

extension Parameter {
  fileprivate var spelled: String { opposite.map { "\(name)/\($0)" } ?? signature }

  /// Its meaning, with what it may be and what it is by default.
  fileprivate var described: String {
    var facts: [String] = []
    if !choices.isEmpty { facts.append("values: \(choices.joined(separator: ", "))") }
    if case .toggle(let isOn) = kind {
      facts.append("default: \(isOn ? name : opposite ?? "")")
    } else if let standard {
      facts.append("default: \(standard)")
    }
    let defaults = facts.isEmpty ? nil : "(\(facts.joined(separator: "; ")))"
    return [help, details, defaults].compactMap { $0 }.joined(separator: " ")
  }
}
