import Collectors
import KernelText
import PageMigration
import System

/// Reads the machine's counters per CPU between two readings of the text, again and again. Whatever only
/// grows must lie between them. Prints how many did not.
func comparePerCPU(readings: Int) throws {
  var vmstat = try PerCPUVmstat(KernelPaths())
  var file = CounterFile("/proc/vmstat")
  var buffer = [UInt8](repeating: 0, count: 16 << 10)
  var (before, own, after) = (CounterSnapshot(), CounterSnapshot(), CounterSnapshot())
  var (outside, unread) = (0, 0)
  let first = try snapshot(&file, &buffer)
  for _ in 0..<readings {
    try file.read(into: &before, using: &buffer)
    do { try vmstat.read(into: &own) } catch {
      unread += 1
      continue
    }
    try file.read(into: &after, using: &buffer)
    for counter in own.countersNotBetween(before, after) {
      outside += 1
      if outside <= 10 {
        print(
          "\(counter.rawValue): \(text(own[counter])), text \(text(before[counter])) to \(text(after[counter]))"
        )
      }
    }
  }
  let moved = after[.migrateSuccess]! - first[.migrateSuccess]!
  print(
    "\(readings) readings, \(outside) outside, \(unread) not made; \(moved) pages moved meanwhile")
}

/// Prints how long a reading takes of the text, and one without it.
func timePerCPU(rounds: Int) throws {
  var vmstat = try PerCPUVmstat(KernelPaths())
  var file = CounterFile("/proc/vmstat")
  var buffer = [UInt8](repeating: 0, count: 16 << 10)
  var snapshot = CounterSnapshot()
  let ofText = try nanosecondsPerReading(rounds) {
    try file.read(into: &snapshot, using: &buffer)
  }
  let ofOwn = try nanosecondsPerReading(rounds) { try vmstat.read(into: &snapshot) }
  print("median of a reading: text \(ofText) ns, per CPU \(ofOwn) ns")
}

/// The median of many rounds. A round has more than one reading because a guest's clock is slow to read.
private func nanosecondsPerReading(_ rounds: Int, _ read: () throws -> Void) rethrows -> UInt64 {
  let readings = 20
  var durations: [Duration] = []
  for _ in 0..<rounds {
    let begin = MonotonicTime.now
    for _ in 0..<readings { try read() }
    durations.append(.now - begin)
  }
  return durations.sorted()[rounds / 2].wholeNanoseconds / UInt64(readings)
}

/// Reads the counters again and again, and does nothing else: for programs that count instructions.
func readAgain(_ readings: Int, perCPU: Bool) throws {
  var snapshot = CounterSnapshot()
  if perCPU {
    var vmstat = try PerCPUVmstat(KernelPaths())
    for _ in 0..<readings { try vmstat.read(into: &snapshot) }
  } else {
    var file = CounterFile("/proc/vmstat")
    var buffer = [UInt8](repeating: 0, count: 16 << 10)
    for _ in 0..<readings { try file.read(into: &snapshot, using: &buffer) }
  }
}

private func snapshot(
  _ file: inout CounterFile, _ buffer: inout [UInt8]
) throws -> CounterSnapshot {
  var snapshot = CounterSnapshot()
  try file.read(into: &snapshot, using: &buffer)
  return snapshot
}

private func text(_ value: UInt64?) -> String { value.map { "\($0)" } ?? "none" }
