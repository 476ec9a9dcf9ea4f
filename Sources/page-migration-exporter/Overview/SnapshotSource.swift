internal import PageMigration
internal import Synchronization

/// Reads a file of counters anew for whoever asks, from any thread.
final class SnapshotSource: Sendable {
  private let state: Mutex<State>

  private struct State: ~Copyable {
    var file: CounterFile
    var snapshot = CounterSnapshot()
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
  }

  init(_ path: String) {
    state = Mutex(State(file: CounterFile(path)))
  }

  /// The counters now.
  ///
  /// - Throws: as ``CounterFile/read(into:using:)`` does.
  func read() throws -> CounterSnapshot {
    try state.withLock { state in
      try state.file.read(into: &state.snapshot, using: &state.buffer)
      return state.snapshot
    }
  }
}
