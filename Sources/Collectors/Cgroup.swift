internal import Exposition
internal import KernelText
internal import PageMigration

/// One cgroup: its last snapshot and its metrics with its path as their label.
final class Cgroup {
  /// `/` for the root; the bytes, since two names may be equal as text and differ in these.
  let path: [UInt8]
  private let file: String
  private var snapshot = CounterSnapshot()
  private let series: [CounterSeries]

  init(_ path: [UInt8], root: String) {
    self.path = path
    let label = String(decoding: path, as: UTF8.self)
    file = path.count > 1 ? "\(root)\(label)/memory.stat" : "\(root)/memory.stat"
    series = cgroupFamilies.map { $0.series(labelPairs: [("cgroup", label)]) }
  }

  /// Whether the last reading gave a counter at all: before 6.12 a `memory.stat` has none of ours.
  private(set) var hasCounters = false

  /// - Returns: false where the cgroup is gone.
  func read(_ reader: inout CounterReader, using buffer: inout [UInt8]) throws -> Bool {
    hasCounters = false
    do {
      try reader.read(file, into: &snapshot, using: &buffer)
    } catch {
      guard let error = error as? FileError, error.meansGone else { throw error }
      return false
    }
    hasCounters = !snapshot.isEmpty
    return true
  }

  /// Writes the metrics of the family at `index` of the table.
  func writeFamily(_ index: Int, into encoder: inout Encoder) {
    series[index].writeMetrics(snapshot, into: &encoder)
  }
}
