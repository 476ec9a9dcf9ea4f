package import KernelText
package import MigrationReasons
package import PageMigration

/// Reads the counters of `/proc/vmstat` without the text: where the kernel keeps them, CPU by CPU.
package struct PerCPUVmstat: Sendable {
  private let probe: PerCPUProbe
  private let path: String
  private let firstEvents: Set<String>
  private let slots: CounterSnapshot.Slots
  /// Bit *n* is set where the counter of slot *n* only grows.
  private let growing = counters.indices.reduce(0 as UInt64) {
    $0 | (counters[$1].isGauge ? 0 : 1 << UInt64($1))
  }
  private var values = [UInt64](repeating: 0, count: counters.count)
  private var last = [UInt64](repeating: 0, count: counters.count)
  private(set) var cpus: [CPUEvents] = []

  /// Whether the places were held against the text.
  private var isCompared = false

  private static let counters = MigrationCounter.allCases
  private static let tries = 3

  /// Finds out where the counters are, and holds a reading against the text.
  ///
  /// - Parameter variables: where the kernel's BTF is not to be asked for them.
  /// - Throws: ``ReasonsUnavailable``; what the text's reader throws.
  package init(_ paths: KernelPaths, variables: PerCPUVariables? = nil) throws {
    path = "\(paths.procfs)/vmstat"
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
    firstEvents = Set(arrays.firstEvents)
    probe = try PerCPUProbe(
      arrays, Self.counters.map(\.rawValue), sysfs: paths.sysfs, variables: variables)
    slots = CounterSnapshot.Slots(probe.isThere)
    try compareWithText()
  }

  /// What may fall lies anywhere; what only grows lies between two texts. So does what memory was given out
  /// since the start, where every counter of ours may be 0 still.
  private mutating func compareWithText() throws {
    var file = CounterFile(path)
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    var (before, own, after) = (CounterSnapshot(), CounterSnapshot(), CounterSnapshot())
    try file.read(into: &before, using: &buffer)
    let least = try sumOfFirstEvents(&buffer)
    isCompared = true
    try readOnce(into: &own)
    let sum = probe.sumOfFirstEvents
    try file.read(into: &after, using: &buffer)
    let most = try sumOfFirstEvents(&buffer)
    guard least <= sum, sum <= most else {
      throw ReasonsUnavailable.disagrees(counter: "pgalloc_normal")
    }
    if let counter = own.countersNotBetween(before, after).first {
      throw ReasonsUnavailable.disagrees(counter: counter.rawValue)
    }
  }

  private func sumOfFirstEvents(_ buffer: inout [UInt8]) throws -> UInt64 {
    var file = PseudoFile(path, keepsOpen: false)
    let count = try file.read(into: &buffer)
    var sum: UInt64 = 0
    do throws(MalformedLine) {
      try FlatKeyedText.forEachPair(in: buffer.span.extracting(0..<count)) { name, value in
        if firstEvents.contains(String(decoding: [UInt8](copying: name), as: UTF8.self)) {
          sum &+= value
        }
      }
    } catch {
      throw MalformedFile(path, error)
    }
    return sum
  }

  /// Reads all counters into `snapshot`.
  ///
  /// While a CPU goes offline its events are another's in part: what was read then is read again. Where CPUs
  /// or memory came, the new places are held against the text, as the first were.
  package mutating func read(into snapshot: inout CounterSnapshot) throws {
    for _ in 0..<Self.tries {
      if !isCompared { try compareWithText() }
      try readOnce(into: &snapshot)
      if isCompared { return }
    }
    throw giveUp(&snapshot)
  }

  /// `isCompared` is false afterwards where the places are new.
  private mutating func readOnce(into snapshot: inout CounterSnapshot) throws {
    for _ in 0..<Self.tries {
      switch try probe.read(into: &values, cpus: &cpus) {
      case .whole where !hasFallen():
        swap(&last, &values)
        snapshot.replace(last, slots)
        return
      case .whole, .cpuWentOffline: break
      case .foundAnew: isCompared = false
      }
    }
    throw giveUp(&snapshot)
  }

  /// CPUs that come and go as fast as this make the next reading no better, but the sums may be new.
  private mutating func giveUp(_ snapshot: inout CounterSnapshot) -> CPUsComeAndGo {
    snapshot.clear()
    isCompared = false
    for slot in last.indices { last[slot] = 0 }
    return CPUsComeAndGo()
  }

  private func hasFallen() -> Bool {
    let (values, last) = (values.span, last.span)
    var fallen: UInt64 = 0
    for slot in values.indices where values[slot] < last[slot] { fallen |= 1 &<< UInt64(slot) }
    return fallen & growing != 0
  }
}

/// `CPUs went offline each time that their counters were read`
package struct CPUsComeAndGo: Error, CustomStringConvertible {
  package var description: String { "CPUs went offline each time that their counters were read" }
}
