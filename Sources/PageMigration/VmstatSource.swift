package import System

/// Reads `/proc/vmstat` anew for whoever asks, from any thread. (Collectors, which have a thread and
/// a deadline of their own, read a ``CounterFile``.)
///
/// @unchecked: the state is used by whoever has the turn, one at a time.
package final class VmstatSource: @unchecked Sendable {
  private let path: String
  private let turn = Turn()
  private var file: CounterFile
  private var snapshot = CounterSnapshot()
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)

  package init(procfs: String) {
    path = "\(procfs)/vmstat"
    file = CounterFile(path)
  }

  /// That they are being read, and for how long.
  package var stillReading: StillReading {
    StillReading(path: path, duration: turn.heldFor ?? .zero)
  }

  /// The counters now.
  ///
  /// - Throws: as ``CounterFile/read(into:using:)`` does; ``StillReading`` where another thread has
  ///   not come back from reading them.
  package func read(until deadline: MonotonicTime) throws -> CounterSnapshot {
    guard turn.take(until: deadline, patience: (deadline - .now) / 5 * 4) else {
      throw stillReading
    }
    defer { turn.give() }
    try file.read(into: &snapshot, using: &buffer)
    return snapshot
  }
}

/// `/proc/vmstat: the read has not finished after 12 s`.
package struct StillReading: Error, CustomStringConvertible {
  let path: String
  let duration: Duration

  package var description: String {
    "\(path): the read has not finished after \(duration.components.seconds) s"
  }
}
