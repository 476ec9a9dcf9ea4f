import TestSupport
import Testing

/// The house as ARCHITECTURE.md draws it: one row of rooms.
@Suite struct `The rooms` {
  @Test func `stand in the picture, the code map, the manifest and the folders alike`() throws {
    let manifest = try Repository.text("Package.swift")
      .matches(of: /\n    \.(?:executableTarget|target)\(\s*name: "([^"]+)"/)
      .map { String($0.1) }
      .filter { Files.isFolder("\(Repository.root)/Sources/\($0)") && !isC($0) }
    let document = try Repository.text("ARCHITECTURE.md")
    let map = document.matches(of: /\n\| `Sources\/([A-Za-z-]+)` \|/).map { String($0.1) }
    let folders = try Files.list("\(Repository.root)/Sources").filter { !isC($0) }
    let picture = document.split(separator: "```", omittingEmptySubsequences: false)[1]
    #expect(manifest.count >= 17)
    #expect(map == manifest)
    #expect(folders == manifest.sorted())
    let words = picture.split { !($0.isLetter || $0 == "-") }
    for room in manifest { #expect(words.contains(room[...]), "\(room) is not in the picture") }
  }

  @Test func `say no name twice in a row`() throws {
    for path in try Repository.files(endingIn: ".swift", under: "Sources") {
      for line in code(of: try Repository.text(path)) {
        #expect(!line.contains(/\b([a-z]\w+)\.\1\b/), "\(path): \(line)")
      }
    }
  }

  /// What stands in a library can be tested from outside.
  @Test func `let no test look into the program`() throws {
    for path in try Repository.files(endingIn: ".swift", under: "Tests") {
      for line in code(of: try Repository.text(path)) {
        #expect(!line.hasPrefix("@testable import page_migration_exporter"), "\(path)")
      }
    }
  }

  @Test func `share no name of a type`() throws {
    var homes: [String: Set<String>] = [:]
    for path in try Repository.files(endingIn: ".swift", under: "Sources") {
      let room = path.split(separator: "/")[1]
      for match in ("\n" + (try Repository.text(path))).matches(of: typeDeclaration) {
        homes[String(match.1), default: []].insert(String(room))
      }
    }
    #expect(homes.count > 100)
    for (name, rooms) in homes where rooms.count > 1 { Issue.record("\(name) is in \(rooms)") }
  }

  /// Elsewhere a number of nanoseconds could be of either clock, or of none.
  @Test func `know nanoseconds in System alone`() throws {
    for path in try Repository.files(endingIn: ".swift", under: "Sources")
    where !path.hasPrefix("Sources/System/") {
      for line in code(of: try Repository.text(path)) {
        // The billionths of a decimal are those of any number.
        let isBillion =
          line.contains(/\b1e9\b|\b1_000_000_000\b/) && !path.hasSuffix("/Decimal.swift")
        let isCount = line.contains(/[nN]anoseconds?\w*: U?Int/)
        #expect(!isBillion && !isCount, "\(path): \(line)")
      }
    }
  }

  /// So that each `unsafe` can be found, and has its reason in sight.
  @Test func `are all built with strict memory safety`() throws {
    let manifest = try Repository.text("Package.swift")
    let targets = manifest.split(separator: "\n    .").filter { $0.contains("path:") == false }
      .filter { $0.hasPrefix("target(") || $0.hasPrefix("executableTarget(") }
      .filter { $0.firstMatch(of: /name: "(\w+)/).map { !isC(String($0.1)) } ?? true }
    #expect(targets.count >= 9)
    for target in targets { #expect(target.contains("swiftSettings: ours"), "\(target)") }
  }
}

@Suite struct `The tests` {
  /// `.needs(…)` skips on a developer's machine and fails in CI; no other way does.
  @Test func `skip in one way only`() throws {
    for path in try Repository.files(endingIn: ".swift", under: "Tests")
    where path != "Tests/TestSupport/Needs.swift" && !path.hasPrefix("Tests/RepositoryTests/") {
      for line in code(of: try Repository.text(path)) {
        let skips = line.contains(/\.enabled\(|\.disabled\(|Test\.cancel|withKnownIssue/)
        #expect(!skips, "\(path): \(line)")
      }
    }
  }

  @Test func `of Swift know libFuzzer's parsers, each with a corpus`() throws {
    let parsers = try Repository.text("Tests/Fuzz/Parsers.swift")
      .matches(of: /\n  "([a-z-]+)":/).map { String($0.1) }
    #expect(parsers.count >= 15)
    #expect(try Files.list("\(Repository.root)/Tests/Fuzz/Corpus") == parsers.sorted())
  }
}

private nonisolated(unsafe) let typeDeclaration =
  /\n(?:(?:package|public|private|fileprivate|internal|final|indirect) )*(?:struct|class|enum|protocol|actor|typealias) ([A-Z]\w*)/

/// The lines that are neither empty nor a comment.
private func code(of source: String) -> [Substring] {
  source.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }
}
