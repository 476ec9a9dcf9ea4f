internal import KernelText
internal import Synchronization
internal import System

/// The events of one CPU, in base pages, since it was there. Those of a CPU that goes offline the kernel
/// adds to another's.
package struct CPUEvents: Equatable, Sendable {
  package var pagesMigrated: UInt64
  package var pagesFailed: UInt64

  package init(pagesMigrated: UInt64 = 0, pagesFailed: UInt64 = 0) {
    self.pagesMigrated = pagesMigrated
    self.pagesFailed = pagesFailed
  }
}

/// Reads counters of `/proc/vmstat` where the kernel keeps them, without its making a text of them: by one
/// run of an eBPF program, which is attached to nothing.
package final class PerCPUProbe: Sendable {
  package enum Reading: Sendable {
    case whole
    /// What a CPU counted is another's in part: the values are of no use, those of the next reading are.
    case cpuWentOffline
    /// CPUs or memory came or went, and everything was found anew: the next reading's values are as good
    /// as those of a new probe.
    case foundAnew
  }

  /// Whether the kernel has each of the counters that were asked for.
  package let isThere: [Bool]

  #if Reasons
    private let loaded: Mutex<LoadedPerCPU>
  #endif

  /// - Parameters:
  ///   - counters: names of `/proc/vmstat`.
  ///   - variables: where the kernel's BTF is not to be asked for them.
  package init(
    _ arrays: VmstatArrays, _ counters: [String], sysfs: String, variables: PerCPUVariables? = nil
  ) throws(ReasonsUnavailable) {
    #if Reasons
      let kernel = try KernelTypes()
      guard kernel.has("bpf_loop") else { throw .needsKernel("5.17") }
      var cpus = CPULists(sysfs: sysfs)
      let count = try cpus.possible()
      let places = if let variables { variables } else { try PerCPUVariables(kernel) }
      let settings = try PerCPUSettings(arrays, counters, cpus: count, places)
      isThere = settings.isThere
      do throws(ReasonsUnavailable) {
        loaded = Mutex(try LoadedPerCPU.load(settings, cpuCount: count, cpus))
      } catch {
        throw kernel.lacks(LoadedPerCPU.members) ?? error
      }
    #else
      throw .notBuilt
    #endif
  }

  /// Reads all counters anew.
  ///
  /// - Parameters:
  ///   - values: a place for each of the counters that were asked for; those that the kernel has not stay.
  ///   - cpus: filled in place with what each CPU has, by its number.
  package func read(
    into values: inout [UInt64], cpus: inout [CPUEvents]
  ) throws(ReasonsUnavailable) -> Reading {
    #if Reasons
      try loaded.withLock { loaded throws(ReasonsUnavailable) in
        try loaded.read(into: &values, cpus: &cpus)
      }
    #else
      throw .notBuilt
    #endif
  }

  /// What ``VmstatArrays/firstEvents`` have together, as of the last reading.
  package var sumOfFirstEvents: UInt64 {
    #if Reasons
      loaded.withLock { $0.sumOfFirstEvents }
    #else
      0
    #endif
  }
}
