import Explain
import System
import TestSupport
import Testing

/// A file of `Tests/Fixtures/explain`: ten minutes in which a rule speaks, ten in which it just does not,
/// and ten of a host that does the same and is well. What it does not tell stands still. Last in the file is what
/// the rule says.
struct RuleCase: CustomTestStringConvertible, Sendable {
  /// That of the file, which begins with the rule's.
  let name: String
  let kernel: String
  let fires: [RecordedSeries]
  let below: [RecordedSeries]
  let quiet: [RecordedSeries]

  var rule: String { String(name.prefix { $0 != "." }) }
  var testDescription: String { name }

  init(_ name: String) throws {
    self.name = name
    let sections = try Sections(of: Self.path(name))
    let names = sections.all.map(\.name)
    guard names.prefix(3) == ["fires", "below", "quiet"],
      ["report", nil].contains(names.dropFirst(3).first)
    else { throw Failure("\(name) has not the sections fires, below, quiet and report") }
    let recorded = try sections.all.prefix(3).map { section in
      try section.text.split(separator: "\n").map { line in
        guard let space = line.firstIndex(of: " ") else { throw Failure("\(name): '\(line)'") }
        return try RecordedSeries(String(line[..<space]), line[space...])
      }
    }
    (fires, below, quiet) = (recorded[0], recorded[1], recorded[2])
    kernel = sections.preamble.split(separator: " ").last.map { String($0) } ?? "6.12.1"
  }

  /// What all rules say of ten minutes.
  func report(_ recorded: [RecordedSeries]) -> Report {
    let history = History(of: recorded, over: Situation.quiet, each: .seconds(10), steps: 60)
    let now = Situation.start + .seconds(600)
    return Report(
      history.evidence(over: .seconds(600), until: now, kernelRelease: kernel), Thresholds(),
      hostName: "host")
  }

  var path: String { Self.path(name) }

  private static let folder = "\(Repository.root)/Tests/Fixtures/explain"

  private static func path(_ name: String) -> String { "\(folder)/\(name).txt" }

  static let all: [RuleCase] = {
    do {
      return try Files.list(folder).map { try RuleCase(String($0.dropLast(".txt".count))) }
    } catch {
      fatalError("\(error)")
    }
  }()
}
