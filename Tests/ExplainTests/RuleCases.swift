import Explain
import System
import TestSupport
import Testing

/// A file of `Tests/Fixtures/explain`: ten minutes in which a rule speaks, ten in which it just does not,
/// and ten of a host that does the same and is well. What it does not tell stands still.
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
    let text = try Files.text("\(Self.folder)/\(name).history")
    var (kernel, sections, current) = ("6.12.1", [String: [RecordedSeries]](), "")
    for line in text.split(separator: "\n") {
      if line.hasPrefix("kernel ") {
        kernel = String(line.dropFirst("kernel ".count))
      } else if line.hasPrefix("= ") {
        current = String(line.dropFirst(2).prefix { $0 != ":" })
        sections[current] = []
      } else if let space = line.firstIndex(of: " ") {
        sections[current, default: []].append(
          try RecordedSeries(String(line[..<space]), line[space...]))
      } else {
        throw Failure("\(name).history: '\(line)'")
      }
    }
    self.kernel = kernel
    guard let fires = sections.removeValue(forKey: "fires"),
      let below = sections.removeValue(forKey: "below"),
      let quiet = sections.removeValue(forKey: "quiet"), sections.isEmpty
    else { throw Failure("\(name).history has not the sections fires, below and quiet") }
    (self.fires, self.below, self.quiet) = (fires, below, quiet)
  }

  /// What all rules say of ten minutes.
  func report(_ recorded: [RecordedSeries]) -> Report {
    let history = History(of: recorded, over: Situation.quiet, each: .seconds(10), steps: 60)
    let now = Situation.start + .seconds(600)
    return Report(
      history.evidence(over: .seconds(600), until: now, kernelRelease: kernel), Thresholds(),
      hostName: "host")
  }

  static let folder = "\(Repository.root)/Tests/Fixtures/explain"

  static let all: [RuleCase] = {
    do {
      return try Files.list(folder).filter { $0.hasSuffix(".history") }.sorted()
        .map { try RuleCase(String($0.dropLast(".history".count))) }
    } catch {
      fatalError("\(error)")
    }
  }()
}
