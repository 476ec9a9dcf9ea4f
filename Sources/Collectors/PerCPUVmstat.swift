package import KernelText
internal import MigrationReasons
package import PageMigration

/// Reads the counters of `/proc/vmstat` without the text: where the kernel keeps them, CPU by CPU.
package struct PerCPUVmstat: Sendable {
  private let probe: PerCPUProbe
  private var values = [UInt64](repeating: 0, count: counters.count)
  private var last: [UInt64] = []
  private(set) var cpus: [CPUEvents] = []

  private static let counters = MigrationCounter.allCases
  private static let tries = 3

  /// Finds out where the counters are, and holds a reading against the text.
  ///
  /// - Throws: ``ReasonsUnavailable``; what the text's reader throws.
  package init(_ paths: KernelPaths) throws {
    let path = "\(paths.procfs)/vmstat"
    var file = PseudoFile(path)
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    let count = try file.read(into: &buffer)
    var names: [String] = []
    do throws(MalformedLine) {
      try FlatKeyedText.forEachPair(in: buffer.span.extracting(0..<count)) { name, _ in
        names.append(String(decoding: [UInt8](copying: name), as: UTF8.self))
      }
    } catch {
      throw MalformedFile(path, error)
    }
    guard let arrays = VmstatArrays(names: names) else {
      throw MalformedFile(path, "its lines are not in the order that is known")
    }
    probe = try PerCPUProbe(arrays, Self.counters.map(\.rawValue), sysfs: paths.sysfs)
    try compareWithText(path, &buffer)
  }

  /// What may fall lies anywhere; what only grows lies between two texts.
  private mutating func compareWithText(_ path: String, _ buffer: inout [UInt8]) throws {
    var file = CounterFile(path)
    var (before, own, after) = (CounterSnapshot(), CounterSnapshot(), CounterSnapshot())
    try file.read(into: &before, using: &buffer)
    try read(into: &own)
    try file.read(into: &after, using: &buffer)
    if let counter = own.countersNotBetween(before, after).first {
      throw ReasonsUnavailable.disagrees(counter: counter.rawValue)
    }
  }

  /// Reads all counters into `snapshot`.
  ///
  /// While a CPU goes offline its events are another's in part: what was read then is read again.
  package mutating func read(into snapshot: inout CounterSnapshot) throws {
    for _ in 0..<Self.tries {
      guard try probe.read(into: &values, cpus: &cpus), !hasFallen() else { continue }
      last = values
      snapshot.replace(values, isThere: probe.isThere)
      return
    }
    snapshot.replace(values, isThere: Self.counters.map { _ in false })
    // CPUs that come and go as fast as this make the next reading no better, but the sums may be new.
    last = []
    throw CPUsComeAndGo()
  }

  private func hasFallen() -> Bool {
    guard !last.isEmpty else { return false }
    return Self.counters.indices.contains { slot in
      values[slot] < last[slot] && !Self.counters[slot].isGauge
    }
  }
}

/// `CPUs went offline each time that their counters were read`
struct CPUsComeAndGo: Error, CustomStringConvertible {
  var description: String { "CPUs went offline each time that their counters were read" }
}
