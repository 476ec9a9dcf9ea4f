import TestSupport
import Testing

/// Documents, configuration and units: what a person reads, copies and runs.
@Suite struct `Documents name only what there is` {
  @Test func `flags, wherever they stand`() throws {
    let known = Set(try ProgramHelp.read().commands.flatMap(\.flags).map(\.name))
    #expect(known.count > 15)
    for (path, text) in try documents() {
      for match in text.matches(of: /--(?:no-)?((?:web|path|log|collector)\.[a-z.-]*[a-z])/) {
        #expect(known.contains("--\(match.1)"), "--\(match.1) in \(path)")
      }
    }
  }

  @Test func `commands, and only the flags that they have`() throws {
    let commands = try ProgramHelp.read().commands
    let names = Set(commands.map(\.name))
    var count = 0
    for (path, text) in try documents() {
      for words in invocations(in: text) {
        count += 1
        let name = words.first.flatMap { $0.contains(/^[a-z][a-z-]*$/) ? $0 : nil }
        #expect(name.map(names.contains) ?? true, "'\(words.joined(separator: " "))' in \(path)")
        let command = commands.first { $0.name == name ?? "serve" }
        let flags = Set(command?.flags.map(\.name) ?? []).union(["--help", "--version"])
        for word in words where word.hasPrefix("--") {
          let flag = String(word.prefix { $0 != "=" })
          #expect(flags.contains(flag), "'\(words.joined(separator: " "))' in \(path)")
        }
      }
    }
    #expect(count >= 15)
  }

  @Test func `files of this repository`() throws {
    let folders = ["Sources", "Tests", "Plugins", "deploy", "dashboards"]
    var count = 0
    for (path, text) in try documents() {
      for match in text.matches(
        of: /(?:^|[\s`("'])((?:\.\/)?[A-Za-z][\w.+-]*\/[\w.+*{},\/-]*[\w*}])/)
      {
        let named = String(match.1)
        // A pattern, or a name with a placeholder such as NAME, stands for several files.
        guard folders.contains(where: { named.hasPrefix("\($0)/") }),
          !named.contains(/[*{]|\/[A-Z]+\b/)
        else { continue }
        count += 1
        #expect(Files.exists("\(Repository.root)/\(named)"), "\(named) in \(path)")
      }
    }
    #expect(count >= 20)
  }

  @Test func `metrics and recording rules`() throws {
    let promised = Set(
      try Repository.text("METRICS.md").matches(of: /(?m)^\| `((?:pagemigration|process)_\w+)`/)
        .map { String($0.1) })
    #expect(promised.count > 80)
    let recorded = Set(
      try Repository.text("deploy/prometheus/recording.yml").matches(of: /record: (\S+)/)
        .map { String($0.1) })
    for (path, text) in try documents() where path != "CHANGELOG.md" {
      for match in text.matches(of: /[\w:]*\bpagemigration_\w+(?::\w+)?(\*|\.\w+|)/) {
        let named = String(match.output.0)
        // A pattern such as pagemigration_http_*, or a file.
        guard match.1.isEmpty, !named.hasSuffix("_") else { continue }
        let family = named.replacing(/_(?:bucket|sum|count)$/, with: "")
        let isThere =
          named.contains(":")
          ? recorded.contains(named) : promised.contains(named) || promised.contains(family)
        #expect(isThere, "\(named) in \(path)")
      }
    }
  }

  @Test func `a word that is not there is found`() {
    let text = """
      Then `page-migration-exporter check-config FILE` and
          $ sudo page-migration-exporter watch --nosuch 1 | head
          systemctl status page-migration-exporter
      ExecStart=/usr/bin/page-migration-exporter serve $OPTIONS
      """
    #expect(
      invocations(in: text) == [
        ["check-config", "FILE"], ["watch", "--nosuch", "1"], ["serve", "$OPTIONS"],
      ])
  }
}

/// Every document, with its path. Fixtures are of other machines.
private func documents() throws -> [(path: String, text: String)] {
  let endings = [".md", ".yml", ".yaml", ".service", ".socket", ".conf", ".example", "Dockerfile"]
  return try endings.flatMap { try Repository.files(endingIn: $0) }
    .filter { !$0.hasPrefix("Tests/Fixtures/") }
    .map { ($0, try Repository.text($0)) }
}

/// The words after the program's name wherever it is the command of a line or of inline code.
private func invocations(in text: String) -> [[String]] {
  let start = /(?:`|^\s+|^\s*\$ |ExecStart=|[|&] )(?:sudo )?(?:[\w.\/]*\/)?$/
  return text.split(separator: "\n").flatMap { line -> [[String]] in
    line.ranges(of: "page-migration-exporter").compactMap { range in
      let isCommand = line[..<range.lowerBound].contains(start)
      let rest = line[range.upperBound...]
      guard isCommand, rest.first == " " else { return nil }
      let end = rest.firstIndex { "`|#;&>\\".contains($0) } ?? rest.endIndex
      return rest[..<end].split(separator: " ").map(String.init)
    }
  }
}
