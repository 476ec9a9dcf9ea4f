internal import KernelText

/// What NUMA balancing has done for a process, over the threads that it has now: the kernel counts for
/// each thread, and forgets those that end.
package struct BalancingStatistics: Equatable, Sendable {
  package private(set) var threads = 0
  /// Base pages that were moved to where the threads are.
  package private(set) var pagesMigrated: UInt64 = 0
  /// NUMA hinting faults.
  package private(set) var faults: UInt64 = 0
  /// How many threads are to be on which node; those that are to be on none are not in it.
  package private(set) var threadsPreferring: [Int: Int] = [:]

  /// Threads that are looked at.
  package static let threadsMax = 4096

  /// - Parameter folder: `/proc/PID/task`.
  /// - Returns: nil where the kernel does not say: it has no NUMA balancing, or no such files.
  static func read(_ folder: String) throws -> BalancingStatistics? {
    var entries = NumberedEntries(in: folder, prefix: "")
    var threads: [Int] = []
    do throws(FileError) {
      try entries.list(into: &threads)
    } catch {
      guard error.meansGone || error.meansNoProcess else { throw error }
      return nil
    }
    var result = BalancingStatistics()
    for thread in threads.prefix(threadsMax) {
      do {
        try result.add("\(folder)/\(thread)/sched")
      } catch let error as FileError {
        // A thread that has ended since it was listed.
        guard error.meansGone || error.meansNoProcess else { throw error }
      }
    }
    return result.threads > 0 ? result : nil
  }

  private mutating func add(_ path: String) throws {
    var isTold = false
    try LineFile.forEachLine(of: path) { line throws(MalformedLine.Problem) in
      switch try SchedulerLine(parsing: line) {
      case .pagesMigrated(let count):
        isTold = true
        pagesMigrated &+= count
      case .faults(let count): faults &+= count
      case .preferredNode(let node): if let node { threadsPreferring[node, default: 0] += 1 }
      case .other: break
      }
    }
    if isTold { threads += 1 }
  }
}
