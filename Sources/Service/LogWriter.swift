internal import Glibc
internal import Synchronization
package import System

/// Writes lines to standard error on a thread of its own, so that nobody is held up by who reads
/// them: where the lines that wait are too many, new ones are dropped and counted.
///
/// @unchecked: what changes is touched with the monitor's lock.
package final class LogWriter: @unchecked Sendable {
  /// So many lines wait at most.
  private static let limit = 256

  private let monitor = Monitor()
  private var waiting: [String] = []
  private var isWriting = false
  private var droppedSinceWritten = 0
  private let droppedInAll = Atomic<UInt64>(0)
  /// The line that says how many were dropped.
  private let note: @Sendable (Int) -> String

  /// - Parameter note: the line that says how many were dropped.
  package init(note: @escaping @Sendable (Int) -> String) { self.note = note }

  /// Lines so far.
  package var dropped: UInt64 { droppedInAll.load(ordering: .relaxed) }

  /// Lines wait until then. To be called once, when privileges are dropped and signals are blocked:
  /// both are each thread's own.
  package func start() throws(Errno) { try startThread("log") { self.run() } }

  /// Never waits.
  package func write(_ line: String) {
    monitor.lock()
    defer { monitor.unlock() }
    guard waiting.count < Self.limit else {
      droppedSinceWritten += 1
      droppedInAll.wrappingAdd(1, ordering: .relaxed)
      return
    }
    waiting.append(line)
    monitor.broadcast()
  }

  /// Waits until all is written, but no longer than this.
  package func flush(within time: Duration) {
    let end = MonotonicTime.now + time
    monitor.lock()
    defer { monitor.unlock() }
    while !waiting.isEmpty || isWriting, .now < end { monitor.wait(until: end) }
  }

  private func run() {
    monitor.lock()
    while true {
      guard !waiting.isEmpty else {
        monitor.wait()
        continue
      }
      var lines = waiting
      waiting = []
      if droppedSinceWritten > 0 {
        lines.append(note(droppedSinceWritten))
        droppedSinceWritten = 0
      }
      isWriting = true
      monitor.unlock()
      _ = try? writeAll(lines.joined(), to: STDERR_FILENO)
      monitor.lock()
      isWriting = false
      monitor.broadcast()
    }
  }
}
