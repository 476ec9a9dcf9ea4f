import Collectors
import KernelText
import PageMigration
import System

/// Reads the machine's counters per CPU between two readings of the text, again and again. Whatever only
/// grows must lie between them. Prints how many did not, and how long both took.
func comparePerCPU(readings: Int) throws {
  var vmstat = try PerCPUVmstat(KernelPaths())
  var file = CounterFile("/proc/vmstat")
  var buffer = [UInt8](repeating: 0, count: 16 << 10)
  var (before, own, after) = (CounterSnapshot(), CounterSnapshot(), CounterSnapshot())
  var (outside, unread) = (0, 0)
  var (ofText, ofOwn) = ([Duration](), [Duration]())
  let first = try snapshot(&file, &buffer)
  for _ in 0..<readings {
    try file.read(into: &before, using: &buffer)
    let begin = MonotonicTime.now
    do { try vmstat.read(into: &own) } catch {
      unread += 1
      continue
    }
    let middle = MonotonicTime.now
    try file.read(into: &after, using: &buffer)
    ofOwn.append(middle - begin)
    ofText.append(.now - middle)
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
  print("median: text \(median(ofText)) ns, per CPU \(median(ofOwn)) ns")
}

private func snapshot(
  _ file: inout CounterFile, _ buffer: inout [UInt8]
) throws -> CounterSnapshot {
  var snapshot = CounterSnapshot()
  try file.read(into: &snapshot, using: &buffer)
  return snapshot
}

private func text(_ value: UInt64?) -> String { value.map { "\($0)" } ?? "none" }

private func median(_ durations: [Duration]) -> UInt64 {
  durations.isEmpty ? 0 : durations.sorted()[durations.count / 2].wholeNanoseconds
}
