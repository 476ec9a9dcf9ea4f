/// A line of `/proc/PID/sched` (kernel/sched/debug.c, proc_sched_show_task): what NUMA balancing knows of
/// a thread. `numa_pages_migrated        :            12`
package enum SchedulerLine: Equatable, Sendable {
  /// Base pages that faults of the thread moved.
  case pagesMigrated(UInt64)
  /// Nil where the kernel prefers none.
  case preferredNode(Int?)
  /// NUMA hinting faults that the thread took.
  case faults(UInt64)
  /// Any other line.
  case other

  package init(parsing line: Span<UInt8>) throws(MalformedLine.Problem) {
    var words = Words()
    guard let first = words.next(in: line), words.next(in: line) != nil else {
      self = .other
      return
    }
    let name = line.extracting(first)
    let value = line.extracting(words.rest(in: line))
    if name.equals("numa_pages_migrated") {
      self = .pagesMigrated(try Self.number(value))
    } else if name.equals("total_numa_faults") {
      self = .faults(try Self.number(value))
    } else if name.equals("numa_preferred_nid") {
      self = .preferredNode(
        value.begins(with: "-1") ? nil : Int(truncatingIfNeeded: try Self.number(value)))
    } else {
      self = .other
    }
  }

  private static func number(_ text: Span<UInt8>) throws(MalformedLine.Problem) -> UInt64 {
    guard let value = SingleValue.number(text), value < 1 << 62 else { throw .notANumber }
    return value
  }
}
