internal import PageMigration
internal import System

/// Reads a file of counters anew for whoever asks, from any thread.
///
/// @unchecked: the state is used by whoever has the turn, one at a time.
final class SnapshotSource: @unchecked Sendable {
  private let path: String
  private let turn = Turn()
  private var file: CounterFile
  private var snapshot = CounterSnapshot()
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)

  init(_ path: String) {
    self.path = path
    file = CounterFile(path)
  }

  /// The counters now.
  ///
  /// - Throws: as ``CounterFile/read(into:using:)`` does; ``StillReading`` where another thread has
  ///   not come back from reading them.
  func read(until deadline: MonotonicTime) throws -> CounterSnapshot {
    guard turn.take(until: deadline, patience: (deadline - .now) / 5 * 4) else {
      throw StillReading(path: path, duration: turn.heldFor ?? .zero)
    }
    defer { turn.give() }
    try file.read(into: &snapshot, using: &buffer)
    return snapshot
  }
}

/// `/proc/vmstat: reading it has not ended after 12 s`.
struct StillReading: Error, CustomStringConvertible {
  let path: String
  let duration: Duration

  var description: String {
    "\(path): reading it has not ended after \(duration.components.seconds) s"
  }
}
