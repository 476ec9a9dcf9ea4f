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

  /// The captured machines: those with the release of their kernel written beside them.
  package static let machines = all("").filter { $0.has("release") }

  /// The made-up ones: each says in `about` what is wrong with it.
  package static let hostile = all("hostile/")

  private static func all(_ prefix: String) -> [Fixture] {
    ((try? Files.list("\(folder)/\(prefix)")) ?? [])
      .map { Fixture(prefix + $0) }
      .filter { Files.isFolder($0.path) }
  }
}
