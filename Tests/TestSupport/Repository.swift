/// This repository's own files.
package enum Repository {
  /// Where Package.swift is.
  package static let root = String(
    #filePath.dropLast("/Tests/TestSupport/Repository.swift".utf8.count))

  /// Programs that tests install for themselves are kept here.
  package static let cache = "\(root)/.cache"

  package static func text(_ path: String) throws -> String {
    String(decoding: try Files.read("\(root)/\(path)"), as: UTF8.self)
  }

  /// Every file of the repository that ends so, by its path from the root, in order. What is built,
  /// fetched or git's own is not the repository's.
  package static func files(endingIn suffix: String, under folder: String = "") throws -> [String] {
    try Files.list("\(root)/\(folder)")
      .filter { ![".build", ".cache", ".git", ".swiftpm"].contains($0) }
      .flatMap { name -> [String] in
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        if Files.isFolder("\(root)/\(path)") { return try files(endingIn: suffix, under: path) }
        return path.hasSuffix(suffix) ? [path] : []
      }
  }
}
