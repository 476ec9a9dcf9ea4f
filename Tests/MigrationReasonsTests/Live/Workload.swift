import Foundation

/// Makes the kernel migrate pages, with the program `provoke`.
enum Workload {
  /// Memory in a state, as long as the result is kept. Says how many pages are so.
  static func keep(_ arguments: String...) throws -> (child: Child, count: Int) {
    let child = try Child("provoke", arguments)
    let words = child.line()?.split(separator: " ") ?? []
    guard words.first == "ready", let count = words.last.flatMap({ Int($0) }) else {
      throw ProvokeFailed(arguments: arguments)
    }
    return (child, count)
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
    func ask(_ count: Int) throws {
      try "\(count)".write(toFile: path, atomically: false, encoding: .utf8)
    }
    defer { try? ask(0) }
    try ask(gigabytes)
  }

  /// On as many threads at once; throws what the first to fail threw.
  static func onThreads(_ count: Int, _ work: @escaping @Sendable () throws -> Void) throws {
    let failures = Failures()
    let threads = (0..<count).map { _ in
      Thread { failures.collect(work) }
    }
    for thread in threads { thread.start() }
    while threads.contains(where: { !$0.isFinished }) { usleep(1000) }
    try failures.throwFirst()
  }

  struct ProvokeFailed: Error {
    let arguments: [String]
  }

  private final class Failures: @unchecked Sendable {  // All access is under the lock.
    private let lock = NSLock()
    private var first: (any Error)?

    func collect(_ work: () throws -> Void) {
      do { try work() } catch { lock.withLock { first = first ?? error } }
    }

    func throwFirst() throws {
      if let first = lock.withLock({ first }) { throw first }
    }
  }
}
