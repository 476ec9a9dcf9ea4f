import Glibc
import TestSupport

/// Makes the kernel migrate pages, with the program `provoke`.
enum Workload {
  /// Memory in a state, as long as the result is kept. Says how many pages are so.
  static func keep(_ arguments: String...) throws -> (process: ChildProcess, count: Int) {
    let program = Exporter.path.replacing("page-migration-exporter", with: "provoke")
    let process = try ChildProcess([program] + arguments)
    var words: [Substring] = []
    try waitUntil("provoke is ready") {
      if let status = process.status() {
        throw Failure("provoke ended with \(status): \(try process.errors())")
      }
      words = String(decoding: try process.output(), as: UTF8.self).split(separator: " ")
      return words.first == "ready" && words.last?.hasSuffix("\n") == true
    }
    return (process, words.last.flatMap { Int($0.dropLast()) } ?? 0)
  }

  /// Memory that lies low, then compacted.
  static func lieLowAndCompact(megabytes: Int) throws {
    let low = try keep("low", "\(megabytes)")
    try Machine.compact()
    withExtendedLifetime(low) {}
  }

  /// Takes whole gigabytes for huge pages and gives them back: the kernel moves away what was there
  /// (reason `contig_range`), and leaves free memory low in the machine for the next to lie in.
  static func evacuate(gigabytes: Int) throws {
    let path = "/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages"
    defer { try? Machine.tell(path, "0") }
    try Machine.tell(path, "\(gigabytes)")
  }
}
