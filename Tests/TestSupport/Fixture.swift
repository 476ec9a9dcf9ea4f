internal import Testing

/// A tree of a real machine in Tests/Fixtures, or a made-up one in Tests/Fixtures/hostile.
package struct Fixture: Sendable, CustomTestStringConvertible {
  package let name: String

  package init(_ name: String) { self.name = name }

  package var path: String { "\(Self.folder)/\(name)" }
  package var procfs: String { "\(path)/proc" }
  package var sysfs: String { "\(path)/sys" }
  package var testDescription: String { name }

  package func text(_ file: String) throws -> String { try Files.text("\(path)/\(file)") }

  package func has(_ file: String) -> Bool { Files.exists("\(path)/\(file)") }

  private static let folder = "\(Repository.root)/Tests/Fixtures"

  /// The captured machines.
  package static let machines = all("").filter { $0.has("proc/vmstat") }

  /// A section for each of the made-up machines: what is wrong with it, and what the program says of it.
  package static let about = "\(folder)/hostile/about"

  package static let hostile = ((try? Sections(of: about))?.all ?? []).map {
    Fixture("hostile/\($0.name)")
  }

  /// What hostile trees have in common: each has only what it has otherwise, and lists in `without`
  /// what it lacks.
  package static let base = Fixture("hostile/base")

  package var isHostile: Bool { name.hasPrefix("hostile/") }

  /// A hostile tree as a whole.
  package func wholeTree() throws -> TemporaryTree {
    let tree = try TemporaryTree(copyOf: Self.base.path)
    for file in (try? text("without"))?.split(separator: "\n") ?? [] {
      var path = String(file)
      tree.remove(path)
      // The folders that it alone was in go with it.
      while let slash = path.lastIndex(of: "/") {
        path = String(path[..<slash])
        guard try Files.list("\(tree.path)/\(path)").isEmpty else { break }
        tree.remove(path)
      }
    }
    if Files.isFolder(path) { try Files.copy(path, to: tree.path) }
    return tree
  }

  /// Its golden exposition, which is that of the base where vmstat alone fails.
  package var metricsPath: String {
    "\(has("metrics.txt") ? path : Self.base.path)/metrics.txt"
  }

  /// The folders in one.
  package static func all(_ prefix: String) -> [Fixture] {
    ((try? Files.list("\(folder)/\(prefix)")) ?? [])
      .map { Fixture(prefix + $0) }
      .filter { Files.isFolder($0.path) }
  }
}
