internal import Synchronization
package import System

/// Which way pages move between memory of the machine and that of a device, in the order of
/// `enum direction` of `device.bpf.c`. Change both.
package enum DeviceDirection: String, CaseIterable, Sendable {
  case toDevice = "to_device"
  case fromDevice = "from_device"
}

/// How far a page came that did not move, in the order of `enum stage` of `device.bpf.c`. Change both.
package enum DeviceStage: String, CaseIterable, Sendable {
  case notCollected = "not_collected"
  case noTarget = "no_target"
  case notMoved = "not_moved"
  case unseen
}

/// What drivers moved in one direction since the probe was attached.
package struct DeviceTotals: Equatable, Sendable {
  package var calls: UInt64 = 0
  /// Base pages.
  package var pagesMigrated: UInt64 = 0
  /// Pages of the device that were made where the process had none yet.
  package var pagesPopulated: UInt64 = 0
  /// In the order of `DeviceStage.allCases`.
  package var pagesFailed = [UInt64](repeating: 0, count: DeviceStage.allCases.count)
  package var duration = Duration.zero
  /// As `ReasonTotals.durationBuckets`.
  package var durationBuckets = [UInt64](repeating: 0, count: SlotLayout.buckets)

  package init() {}
}

/// Where `device.bpf.c` keeps what it counts: its `struct slot`, in words of 64 bits. Change both.
enum DeviceLayout {
  // Words within a direction's counts.
  static let calls = 0
  static let pagesMigrated = 1
  static let pagesPopulated = 2
  static let pagesFailed = 3
  static let durationNanoseconds = 7
  static let durationBuckets = 8

  static let wordsPerDirection = durationBuckets + SlotLayout.buckets
  /// With two of padding.
  static let wordsPerSlot = wordsPerDirection * DeviceDirection.allCases.count + 2
}

/// Counts in the kernel what drivers move to and from the memory of devices, from its making until its
/// end.
package final class DeviceProbe: Sendable {
  /// Since when: a moment before the first is counted.
  package let countingSince = BootInstant.now

  #if Reasons
    private let attached: Mutex<AttachedDevice>
  #endif

  /// - Parameter pagesOfHugePage: how many base pages a THP has.
  package init(pagesOfHugePage: Int = 512) throws(ReasonsUnavailable) {
    #if Reasons
      attached = Mutex(try AttachedDevice.attach(pagesOfHugePage: pagesOfHugePage))
    #else
      throw .notBuilt
    #endif
  }

  /// The totals of each direction, in the order of `DeviceDirection.allCases`.
  ///
  /// - Parameter totals: filled in place; given the last result again, nothing is allocated.
  package func read(into totals: inout [DeviceTotals]) {
    if totals.isEmpty { totals = DeviceDirection.allCases.map { _ in DeviceTotals() } }
    #if Reasons
      attached.withLock { attached in
        for direction in totals.indices { attached.fill(&totals[direction], direction) }
      }
    #endif
  }
}

#if Reasons
  private struct AttachedDevice: ~Copyable {
    private let object: EBPFObject
    private let slots: MappedSlots

    /// Without these nothing is moved at all, or nothing of it is seen. The end first: a start without
    /// an end is a leak.
    private static let ranges = [
      EBPFFunction("ended", "migrate_vma_finalize", arguments: 1),
      EBPFFunction("settled", "migrate_vma_finalize", arguments: 1),
      EBPFFunction("collected", "migrate_vma_setup", arguments: 1),
      EBPFFunction("begun", "migrate_vma_setup", arguments: 1),
    ]
    /// From 6.1 on, the last from 6.15 on.
    private static let evictions = [
      EBPFFunction("ended_device", "migrate_device_finalize", arguments: 3),
      EBPFFunction("settled_device", "migrate_device_finalize", arguments: 3),
      EBPFFunction("begun_device", "migrate_device_range", arguments: 3),
      EBPFFunction("begun_device_pfns", "migrate_device_pfns", arguments: 2),
    ]

    static func attach(pagesOfHugePage: Int) throws(ReasonsUnavailable) -> AttachedDevice {
      let functions = try KernelTypes()
      for function in ranges where !functions.has(function) {
        throw .noDeviceMemory(function: function.name)
      }
      let programs = (ranges + evictions.filter { functions.has($0) }).map(\.program)
      var object = try EBPFObject(deviceObject, name: "device")
      let moves = EBPFObject.SlotArray(map: "moves", wordsPerSlot: DeviceLayout.wordsPerSlot)
      try object.load(
        only: programs, filling: [moves],
        constants: {
          DurationBuckets.tableWords + [UInt32(clamping: pagesOfHugePage), UInt32($0)]
        })
      let slots = try object.mapped(moves)
      for program in programs { try object.attach(program) }
      return AttachedDevice(object: object, slots: slots)
    }

    private init(object: consuming EBPFObject, slots: consuming MappedSlots) {
      self.object = object
      self.slots = slots
    }

    func fill(_ totals: inout DeviceTotals, _ direction: Int) {
      let first = direction * DeviceLayout.wordsPerDirection
      totals.calls = slots.sum(first + DeviceLayout.calls)
      totals.pagesMigrated = slots.sum(first + DeviceLayout.pagesMigrated)
      totals.pagesPopulated = slots.sum(first + DeviceLayout.pagesPopulated)
      for stage in totals.pagesFailed.indices {
        totals.pagesFailed[stage] = slots.sum(first + DeviceLayout.pagesFailed + stage)
      }
      totals.duration = .init(
        wholeNanoseconds: slots.sum(first + DeviceLayout.durationNanoseconds))
      for bucket in totals.durationBuckets.indices {
        totals.durationBuckets[bucket] = slots.sum(first + DeviceLayout.durationBuckets + bucket)
      }
    }
  }
#endif
