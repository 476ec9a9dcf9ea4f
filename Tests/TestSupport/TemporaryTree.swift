package import Glibc

/// A folder of a test's own, removed with it. Paths are relative to it: `proc/vmstat`.
package final class TemporaryTree: Sendable {
  package let path: String

  /// - Parameter source: a folder whose files it begins with.
  package init(copyOf source: String? = nil) throws {
    var template = Array("/tmp/page-migration-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw systemFailure("make a temporary folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    if let source { try Files.copy(source, to: path) }
  }

  /// A tree of these files.
  package convenience init(_ files: KeyValuePairs<String, String>) throws {
    try self.init()
    for (path, text) in files { try write(path, text) }
  }

  deinit { Files.remove(path) }

  package var procfs: String { "\(path)/proc" }
  package var sysfs: String { "\(path)/sys" }

  package func write(_ file: String, _ text: String) throws { try write(file, Array(text.utf8)) }

  package func write(_ file: String, _ bytes: [UInt8]) throws {
    let parts = file.split(separator: "/").dropLast()
    try Files.makeFolder(([path] + parts.map { String($0) }).joined(separator: "/"))
    try Files.write("\(path)/\(file)", bytes)
  }

  package func read(_ file: String) throws -> [UInt8] { try Files.read("\(path)/\(file)") }

  package func remove(_ file: String) { Files.remove("\(path)/\(file)") }

  package func move(_ file: String, to target: String) throws {
    guard rename("\(path)/\(file)", "\(path)/\(target)") == 0 else {
      throw systemFailure("move \(file) to \(target)")
    }
  }

  package func makeFIFO(_ file: String) throws {
    guard mkfifo("\(path)/\(file)", 0o644) == 0 else { throw systemFailure("make a FIFO") }
  }

  package func setMode(_ file: String, _ mode: mode_t) throws {
    guard chmod("\(path)/\(file)", mode) == 0 else { throw systemFailure("change a mode") }
  }
}
