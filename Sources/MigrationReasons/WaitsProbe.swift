internal import Synchronization
internal import System

/// Whom the moving of pages holds up, in the order of `enum wait` of `waits.bpf.c`. Change both.
package enum Wait: String, CaseIterable, Sendable {
  /// A page that a thread touched while it was being moved.
  case page = "PAGE"
  case thp = "THP"
  case hugetlb = "HUGETLB"
  /// NUMA balancing marks a thread's pages.
  case numaScan = "NUMA_SCAN"
  /// An allocating thread compacts memory itself.
  case directCompaction = "DIRECT_COMPACTION"

  /// The kernel's function whose time it is.
  package var function: String {
    switch self {
    case .page: "migration_entry_wait"
    case .thp: "pmd_migration_entry_wait"
    case .hugetlb: "migration_entry_wait_huge"
    case .numaScan: "task_numa_work"
    case .directCompaction: "try_to_compact_pages"
    }
  }

  /// The end first: a start without an end is a leak.
  fileprivate var programs: [String] { ["leave_\(rawValue)", "enter_\(rawValue)"] }
}

/// How long threads were held up in one way since the probe was attached.
package struct WaitTotals: Equatable, Sendable {
  package var duration = Duration.zero
  /// As `ReasonTotals.durationBuckets`.
  package var durationBuckets = [UInt64](repeating: 0, count: SlotLayout.buckets)

  package init() {}
}

/// Where `waits.bpf.c` keeps what it counts: its `struct slot`, in words of 64 bits. Change both.
enum WaitsLayout {
  static let wordsPerWait = 1 + SlotLayout.buckets
  /// With one of padding.
  static let wordsPerSlot = wordsPerWait * Wait.allCases.count + 1
}

/// Times in the kernel whom the moving of pages holds up, from its making until its end.
package final class WaitsProbe: Sendable {
  /// Those that this kernel can tell.
  package let waits: [Wait]

  #if Reasons
    private let attached: Mutex<AttachedWaits>
  #endif

  package init() throws(ReasonsUnavailable) {
    #if Reasons
      let functions = try KernelFunctions()
      let waits = Wait.allCases.filter { functions.has($0.function) }
      guard waits.contains(.page) else { throw .noFunction(Wait.page.function) }
      attached = Mutex(try AttachedWaits.attach(waits))
      self.waits = waits
    #else
      throw .notBuilt
    #endif
  }

  /// The totals of each of ``waits``, in that order.
  ///
  /// - Parameter totals: filled in place; given the last result again, nothing is allocated.
  package func read(into totals: inout [WaitTotals]) {
    if totals.count != waits.count { totals = waits.map { _ in WaitTotals() } }
    #if Reasons
      attached.withLock { attached in
        for (row, wait) in waits.enumerated() { attached.fill(&totals[row], wait) }
      }
    #endif
  }
}

#if Reasons
  private struct AttachedWaits: ~Copyable {
    private let object: EBPFObject
    private let slots: MappedSlots

    static func attach(_ waits: [Wait]) throws(ReasonsUnavailable) -> AttachedWaits {
      var object = try EBPFObject(waitsObject, name: "waits")
      let programs = waits.flatMap(\.programs)
      let slots = try object.load(
        only: programs, countingIn: "waits", wordsPerSlot: WaitsLayout.wordsPerSlot)
      for program in programs { try object.attach(program) }
      return AttachedWaits(object: object, slots: slots)
    }

    private init(object: consuming EBPFObject, slots: consuming MappedSlots) {
      self.object = object
      self.slots = slots
    }

    func fill(_ totals: inout WaitTotals, _ wait: Wait) {
      let first = Wait.allCases.firstIndex(of: wait)! * WaitsLayout.wordsPerWait
      totals.duration = Duration(wholeNanoseconds: slots.sum(first))
      for bucket in totals.durationBuckets.indices {
        totals.durationBuckets[bucket] = slots.sum(first + 1 + bucket)
      }
    }
  }
#endif
