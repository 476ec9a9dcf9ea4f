internal import Glibc
internal import Synchronization
internal import System

/// Writes lines to standard error on a thread of its own, so that nobody is held up by who reads
/// them: where the lines that wait are too many, new ones are dropped and counted.
///
/// @unchecked: what changes is touched with the monitor's lock.
final class LogWriter: @unchecked Sendable {
  /// So many lines wait at most.
  private static let limit = 256

  private let monitor = Monitor()
  private var waiting: [String] = []
  private var isWriting = false
  private var droppedSinceWritten = 0
  private let droppedInAll = Atomic<UInt64>(0)
  /// The line that says how many were dropped.
  private let note: @Sendable (Int) -> String

  init(note: @escaping @Sendable (Int) -> String) { self.note = note }

  var dropped: UInt64 { droppedInAll.load(ordering: .relaxed) }

  /// Lines wait until then. To be called once, when privileges are dropped and signals are blocked:
  /// both are each thread's own.
  func start() throws(StartFailure) {
    do throws(Errno) {
      try startThread("log") { self.run() }
    } catch {
      throw StartFailure("cannot start the log: \(error)")
    }
  }

  func write(_ line: String) {
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
  func flush(within time: Duration) {
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
