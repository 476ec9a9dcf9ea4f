import TestSupport
import Testing

@Suite struct `README.md` {
  @Test func `fits three screens`() throws {
    let lines = try Repository.text("README.md").split(
      separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.count <= 111)
  }
}

@Suite struct `REFERENCE.md` {
  @Test func `has every flag of --help, its default and its meaning`() throws {
    try Document("REFERENCE.md").expect(flagTable(), between: "flags")
  }

  @Test func `names no flag that there is not`() throws {
    let known = Set(try ProgramHelp.read().commands.flatMap(\.flags).map(\.name))
    #expect(known.count > 15)
    let markdown = try Repository.files(endingIn: ".md")
    #expect(markdown.contains("README.md"))
    for path in markdown {
      let text = try Repository.text(path)
      for match in text.matches(of: /--(?:no-)?((?:web|path|log|collector)\.[a-z.-]*[a-z])/) {
        #expect(known.contains("--\(match.1)"), "--\(match.1) in \(path)")
      }
    }
  }

  @Test func `and --help have the same flags`() throws {
    let help = try Exporter.run("serve", "--help").text
    let named = Set(help.matches(of: /--[a-z][a-z.-]*[a-z]/).map { String($0.output) })
    let dumped = Set(try ProgramHelp.read().serve.flags.map(\.name))
    #expect(dumped.subtracting(named) == [])
    let others = named.subtracting(dumped).filter { !$0.hasPrefix("--no-") }
    #expect(Set(others) == ["--help", "--version"])
  }
}

/// A row for each flag, whichever commands have it.
private func flagTable() throws -> String {
  var rows: [(row: String, commands: [String])] = []
  for command in try ProgramHelp.read().commands {
    for flag in command.flags {
      let row = row(of: flag)
      if let place = rows.firstIndex(where: { $0.row == row }) {
        rows[place].commands.append(command.name)
      } else {
        rows.append((row, [command.name]))
      }
    }
  }
  let head = "| flag | default | meaning | commands |\n|---|---|---|---|\n"
  return head
    + rows.map { "\($0.row) \($0.commands.joined(separator: ", ")) |" }.joined(separator: "\n")
}

private func row(of flag: ProgramHelp.Flag) -> String {
  let meaning = flag.meaning.replacing("|", with: "\\|")
  if let isOn = flag.isOn {
    return "| `--[no-]\(flag.name.dropFirst(2))` | \(isOn ? "on" : "off") | \(meaning) |"
  }
  let name = flag.value.map { "\(flag.name)=\($0.uppercased())" } ?? flag.name
  let standard = flag.standard.map { "`\($0)`" } ?? ""
  return "| `\(name)` | \(standard) | \(meaning) |"
}
