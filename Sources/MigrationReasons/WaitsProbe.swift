internal import Synchronization
package import System

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
  fileprivate func programs(byCgroup: Bool) -> [String] {
    [byCgroup ? "leave_cgroup_\(rawValue)" : "leave_\(rawValue)", "enter_\(rawValue)"]
  }
}

/// How long threads were held up in one way since the probe was attached.
package struct WaitTotals: Equatable, Sendable {
  package var duration = Duration.zero
  /// As `ReasonTotals.durationBuckets`.
  package var durationBuckets = [UInt64](repeating: 0, count: SlotLayout.buckets)

  package init() {}
}

/// How long the threads of one cgroup were held up, as the kernel's table has it.
package struct CgroupWaits: Equatable, Sendable {
  /// The number of the cgroup of version 2: the inode of its folder. 0 where the place is free; in
  /// the first place, always: it has the time of all cgroups that have no place of their own.
  package var cgroup: UInt64 = 0
  /// In nanoseconds, in the order of `Wait.allCases`. They go on growing when the place changes
  /// hands.
  package var nanoseconds = [UInt64](repeating: 0, count: Wait.allCases.count)

  package init() {}
}

/// Where `waits.bpf.c` keeps what it counts: its `struct slot` and its `struct cgroup_waits`, in words
/// of 64 bits. Change both.
enum WaitsLayout {
  static let wordsPerWait = 1 + SlotLayout.buckets
  /// With four of padding.
  static let wordsPerSlot = wordsPerWait * Wait.allCases.count + 4

  static let cgroups = 1024
  /// A number, the times, and two of padding.
  static let wordsPerCgroup = 1 + Wait.allCases.count + 2
}

/// Times in the kernel whom the moving of pages holds up, from its making until its end.
package final class WaitsProbe: Sendable {
  /// Those that this kernel can tell.
  package let waits: [Wait]
  /// Since when: a moment before the first is timed.
  package let countingSince = BootInstant.now
  /// Whether it tells them by cgroup. Nil where nobody asked for that, else what keeps it from it.
  package let cgroups: Result<Void, ReasonsUnavailable>?

  #if Reasons
    private let attached: Mutex<AttachedWaits>
  #endif

  /// - Parameter byCgroup: a kernel that cannot tell cgroups apart still times the waits.
  package init(byCgroup: Bool = false) throws(ReasonsUnavailable) {
    #if Reasons
      let functions = try KernelTypes()
      let waits = Wait.allCases.filter { functions.has($0.function) }
      guard waits.contains(.page) else { throw .noFunction(Wait.page.function) }
      var problem: ReasonsUnavailable?
      if byCgroup {
        do throws(ReasonsUnavailable) {
          attached = Mutex(try AttachedWaits.attach(waits, byCgroup: true))
          cgroups = .success(())
          self.waits = waits
          return
        } catch {
          problem = error
        }
      }
      attached = Mutex(try AttachedWaits.attach(waits, byCgroup: false))
      cgroups = problem.map { .failure($0) }
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

  /// The kernel's table of cgroups, place by place.
  ///
  /// - Parameter places: filled in place, as `read(into:)` does. Empty where it has none.
  package func readCgroups(into places: inout [CgroupWaits]) {
    #if Reasons
      if places.isEmpty, case .success = cgroups {
        places = Array(repeating: CgroupWaits(), count: WaitsLayout.cgroups)
      }
      attached.withLock { $0.fill(&places) }
    #endif
  }

  /// Lets another cgroup have this place of the kernel's table, since the one that has it is gone.
  package func free(place: Int) {
    #if Reasons
      attached.withLock { $0.free(place) }
    #endif
  }
}

#if Reasons
  private struct AttachedWaits: ~Copyable {
    private let object: EBPFObject
    private let slots: MappedSlots
    private let cgroups: MappedWords

    static func attach(
      _ waits: [Wait], byCgroup: Bool
    ) throws(ReasonsUnavailable) -> AttachedWaits {
      var object = try EBPFObject(waitsObject, name: "waits")
      let programs = waits.flatMap { $0.programs(byCgroup: byCgroup) }
      let counted = EBPFObject.SlotArray(map: "waits", wordsPerSlot: WaitsLayout.wordsPerSlot)
      try object.load(only: programs, filling: [counted]) {
        DurationBuckets.tableWords + [UInt32($0), 0]
      }
      let slots = try object.mapped(counted)
      let cgroups = try object.mapped(
        "cgroups", words: WaitsLayout.cgroups * WaitsLayout.wordsPerCgroup, isWritable: true)
      for program in programs { try object.attach(program) }
      return AttachedWaits(object: object, slots: slots, cgroups: cgroups)
    }

    private init(
      object: consuming EBPFObject, slots: consuming MappedSlots, cgroups: consuming MappedWords
    ) {
      self.object = object
      self.slots = slots
      self.cgroups = cgroups
    }

    func fill(_ totals: inout WaitTotals, _ wait: Wait) {
      let first = Wait.allCases.firstIndex(of: wait)! * WaitsLayout.wordsPerWait
      totals.duration = Duration(wholeNanoseconds: slots.sum(first))
      for bucket in totals.durationBuckets.indices { totals.durationBuckets[bucket] = 0 }
      // Nothing is counted without time, so where there is none the buckets need not be read.
      for slot in 0..<slots.count where slots[slot: slot, first] > 0 {
        for bucket in totals.durationBuckets.indices {
          totals.durationBuckets[bucket] &+= slots[slot: slot, first + 1 + bucket]
        }
      }
    }

    func fill(_ places: inout [CgroupWaits]) {
      for place in places.indices {
        let first = place * WaitsLayout.wordsPerCgroup
        // The number before the times: what is counted for it comes after it.
        places[place].cgroup = cgroups[first]
        guard place == 0 || places[place].cgroup > 0 else { continue }
        for wait in Wait.allCases.indices {
          places[place].nanoseconds[wait] = cgroups[first + 1 + wait]
        }
      }
    }

    func free(_ place: Int) { cgroups.clear(place * WaitsLayout.wordsPerCgroup) }
  }
#endif
