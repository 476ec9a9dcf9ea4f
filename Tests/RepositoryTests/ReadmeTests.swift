import TestSupport
import Testing

@Suite struct `README.md` {
  @Test func `has every flag of --help, its default and its meaning`() throws {
    try Document("README.md").expect(flagTables(), between: "flags")
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

/// A table for each command that has flags.
private func flagTables() throws -> String {
  try ProgramHelp.read().commands.filter { !$0.flags.isEmpty }.map { command in
    let head = "#### \(command.name)\n\n| flag | default | meaning |\n|---|---|---|\n"
    let rows = command.flags.map { flag in
      let name = flag.valueName.map { "\(flag.name)=\($0.uppercased())" } ?? flag.name
      let standard = flag.defaultValue.isEmpty ? "" : "`\(flag.defaultValue)`"
      return "| `\(name)` | \(standard) | \(flag.meaning.replacing("|", with: "\\|")) |"
    }
    return head + rows.joined(separator: "\n")
  }.joined(separator: "\n\n")
}
