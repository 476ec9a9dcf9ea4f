import TestSupport
import Testing

@Suite struct `The repository is tidy` {
  @Test func `relative links in Markdown lead somewhere`() throws {
    let markdown = try Repository.files(endingIn: ".md")
    #expect(markdown.count >= 5)
    var count = 0
    for path in markdown {
      let folder = path.split(separator: "/").dropLast().map { "\($0)/" }.joined()
      let text = withoutCode(try Repository.text(path))
      for match in text.matches(of: /\]\(([^)\s]+)\)/) where !match.1.contains("://") {
        let parts = match.1.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let target = parts[0].isEmpty ? path : folder + parts[0]
        count += 1
        #expect(Files.exists("\(Repository.root)/\(target)"), "\(match.1) in \(path)")
        guard parts.count == 2, target.hasSuffix(".md") else { continue }
        let headings = try anchors("\(Repository.root)/\(target)")
        #expect(headings.contains(String(parts[1])), "#\(parts[1]) in \(path)")
      }
    }
    #expect(count >= 10)
  }

  /// Foundation costs 45 MB of binary and 6 MB of memory, its essentials alone 5 MB of binary, and
  /// regular expressions 1 MB. None of them is needed to read numbers and write them.
  @Test func `nothing that the program links imports Foundation`() throws {
    let sources = try Repository.files(endingIn: ".swift", under: "Sources")
    #expect(sources.count > 50)
    for path in sources {
      let imported = imports(in: try Repository.text(path))
      #expect(!imported.contains { $0.hasPrefix("Foundation") }, "\(path)")
    }
  }

  /// The line of ARCHITECTURE.md: who may import whom of ours.
  @Test(arguments: [
    ("System", []),
    ("KernelText", ["System"]),
    ("Histograms", []),
    ("Exposition", ["System", "Histograms"]),
    ("TLS", ["System"]),
    ("WebConfig", ["System", "TLS"]),
    ("WebServer", ["System", "TLS", "WebConfig"]),
    ("PageMigration", ["System", "Histograms", "KernelText"]),
    ("MigrationReasons", ["System", "Histograms", "KernelText"]),
    ("Views", ["System", "KernelText", "PageMigration", "MigrationReasons"]),
    (
      "Explain",
      ["System", "PageMigration", "MigrationReasons", "Exposition", "Collectors", "Views"]
    ),
    (
      "Routes",
      ["System", "Exposition", "Collectors", "WebConfig", "WebServer", "Views", "Explain"]
    ),
    ("Remote", ["System", "PageMigration", "TLS", "Views"]),
    (
      "Doctor",
      [
        "System", "KernelText", "PageMigration", "MigrationReasons", "Exposition", "Collectors",
        "WebServer", "Views", "Remote",
      ]
    ),
    ("Service", ["System", "Views"]),
    ("Arguments", ["System"]),
    ("Collectors", ["System", "KernelText", "PageMigration", "MigrationReasons", "Exposition"]),
  ])
  func `imports follow the line and never turn back`(module: String, allowed: [String]) throws {
    let ours = Set(try Files.list("\(Repository.root)/Sources").filter { !isC($0) })
    #expect(ours.contains(module))
    for path in try Repository.files(endingIn: ".swift", under: "Sources/\(module)") {
      let imported = ours.intersection(imports(in: try Repository.text(path)))
      #expect(imported.subtracting(allowed) == [], "\(path)")
    }
  }

  @Test func `only nine modules touch C`() throws {
    let mayTouch = [
      "System", "KernelText", "TLS", "WebConfig", "WebServer", "MigrationReasons", "Remote",
      "Service", "page-migration-exporter",
    ]
    let others = try Files.list("\(Repository.root)/Sources")
      .filter { !isC($0) && !mayTouch.contains($0) }
    #expect(others.count >= 3)
    for module in others {
      for path in try Repository.files(endingIn: ".swift", under: "Sources/\(module)") {
        let touched = imports(in: try Repository.text(path)).filter { $0 == "Glibc" || isC($0) }
        #expect(touched == [], "\(path)")
      }
    }
  }

  @Test func `nothing names the machine that it was written on`() throws {
    // Put together, so that this file does not name them itself.
    let paths = ["work", "opt/swift", "opt/wheels", "root/"].map { "/" + $0 }
    let hosts = ["registry", "artifact", "mirror", "nexus", "pypi"].map { "://" + $0 }
    let endings = [
      ".swift", ".md", ".py", ".sh", ".yml", ".yaml", ".json", ".c", ".h", "Makefile", "run",
      ".service", ".html", ".js", ".css",
    ]
    for ending in endings {
      for path in try Repository.files(endingIn: ending)
      where !path.hasPrefix("Tests/Fixtures/") {
        let text = try Repository.text(path)
        for word in hosts { #expect(!text.contains(word), "\(word) in \(path)") }
        for word in paths {
          for range in text.ranges(of: word) {
            let next = text[range.upperBound...].first ?? "\n"
            let before = text[..<range.lowerBound].last ?? "\n"
            let isWhole = word.hasSuffix("/") || !(next.isLetter || next == "-" || next == "_")
            let isRoot = !(before.isLetter || before.isNumber || ".}$)_-".contains(before))
            #expect(!(isWhole && isRoot), "\(word) in \(path)")
          }
        }
      }
    }
  }

  @Test func `every hostile tree says what is wrong with it`() throws {
    #expect(Fixture.hostile.count >= 30)
    for section in try Sections(of: Fixture.about).all {
      #expect(section.remark.hasSuffix("."), "\(section.name)")
    }
    let told = Set(Fixture.hostile.map(\.name))
    for fixture in Fixture.all("hostile/") where fixture.name != Fixture.base.name {
      #expect(told.contains(fixture.name), "\(fixture.name)")
    }
  }

  @Test func `every captured machine says its kernel's release`() throws {
    #expect(Fixture.machines.count >= 5)
    for machine in Fixture.machines {
      let release = try machine.text("proc/sys/kernel/osrelease")
      #expect(machine.name.contains(release.split(separator: ".").prefix(2).joined(separator: ".")))
    }
  }
}

/// The modules that a Swift file imports.
private func imports(in source: String) -> [String] {
  source.split(separator: "\n").compactMap { line in
    let words = line.split(separator: " ")
    guard let place = words.firstIndex(of: "import"), place <= 2, place + 1 < words.count,
      words[..<place].allSatisfy({
        ["internal", "package", "public", "private", "fileprivate", "@testable"].contains($0)
      })
    else { return nil }
    return String(words[place + 1].prefix { $0 != "." })
  }
}

/// A target of C is named so.
func isC(_ module: String) -> Bool {
  let letters = module.unicodeScalars.prefix(2).map { $0.properties.isUppercase }
  return module.hasPrefix("C") && letters.last == true
}

/// The text without its blocks of code.
private func withoutCode(_ markdown: String) -> String {
  markdown.split(separator: "```", omittingEmptySubsequences: false).enumerated()
    .filter { $0.offset % 2 == 0 }.map { String($0.element) }.joined()
}

/// What the headings of a Markdown file are linked by.
private func anchors(_ path: String) throws -> [String] {
  let lines = withoutCode(try Files.text(path)).split(separator: "\n")
  return lines.filter { $0.hasPrefix("#") }.map { line in
    let title = line.drop { $0 == "#" || $0 == " " }.lowercased()
    let kept = title.filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
    return kept.replacing(" ", with: "-")
  }
}
