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
  /// Whether the kernel has each of the counters that were asked for.
  package let isThere: [Bool]

  #if Reasons
    private let loaded: Mutex<LoadedPerCPU>
  #endif

  /// - Parameter counters: names of `/proc/vmstat`.
  package init(
    _ arrays: VmstatArrays, _ counters: [String], sysfs: String
  ) throws(ReasonsUnavailable) {
    #if Reasons
      let kernel = try KernelFunctions()
      guard kernel.has("bpf_loop") else { throw .needsKernel("5.17") }
      guard kernel.hasVariable("vm_event_states") else { throw .noVariable("vm_event_states") }
      let cpus = try Self.possibleCPUs(sysfs)
      let settings = try PerCPUSettings(arrays, counters, cpus: cpus)
      isThere = settings.words.map { $0 != nil }
      loaded = Mutex(try LoadedPerCPU.load(settings, cpus: cpus))
    #else
      throw .notBuilt
    #endif
  }

  /// Reads all counters anew.
  ///
  /// - Parameters:
  ///   - values: a place for each of the counters that were asked for; those that the kernel has not stay.
  ///   - cpus: filled in place with what each CPU has, by its number.
  /// - Returns: false where a CPU went offline meanwhile: then the values are of no use.
  package func read(
    into values: inout [UInt64], cpus: inout [CPUEvents]
  ) throws(ReasonsUnavailable) -> Bool {
    #if Reasons
      try loaded.withLock { loaded throws(ReasonsUnavailable) in
        try loaded.read(into: &values, cpus: &cpus)
      }
    #else
      throw .notBuilt
    #endif
  }

  /// The program counts them up from 0, and of a CPU that cannot be there it would read nonsense.
  private static func possibleCPUs(_ sysfs: String) throws(ReasonsUnavailable) -> Int {
    var file = PseudoFile("\(sysfs)/devices/system/cpu/possible", keepsOpen: false)
    var buffer = [UInt8](repeating: 0, count: 256)
    let count: Int
    do throws(FileError) { count = try file.readLine(into: &buffer) } catch {
      throw .unreadable(error)
    }
    guard let list = NumberList(buffer.span.extracting(0..<count)), list.ranges.count == 1,
      let all = list.ranges.first, all.lowerBound == 0
    else { throw .malformedFormat(path: file.path, problem: "not one range from 0 on") }
    return all.count
  }
}

#if Reasons
  private struct LoadedPerCPU: ~Copyable {
    private let object: EBPFObject
    private let totals: MappedWords
    private let cpuWords: MappedWords
    private let words: [Int?]
    private let cpuCount: Int

    private static let program = "read_counters"

    static func load(
      _ settings: PerCPUSettings, cpus: Int
    ) throws(ReasonsUnavailable) -> LoadedPerCPU {
      let object = try EBPFObject(percpuObject, name: "percpu")
      try object.load(program: program, constants: settings.constants, entries: ["cpus": cpus])
      let totals = try object.mapped("totals", words: PerCPULayout.words)
      let cpuWords = try object.mapped("cpus", words: cpus * PerCPULayout.wordsPerCPU)
      return LoadedPerCPU(
        object: object, totals: totals, cpuWords: cpuWords, words: settings.words, cpuCount: cpus)
    }

    private init(
      object: consuming EBPFObject, totals: consuming MappedWords,
      cpuWords: consuming MappedWords, words: [Int?], cpuCount: Int
    ) {
      self.object = object
      self.totals = totals
      self.cpuWords = cpuWords
      self.words = words
      self.cpuCount = cpuCount
    }

    func read(
      into values: inout [UInt64], cpus: inout [CPUEvents]
    ) throws(ReasonsUnavailable) -> Bool {
      // It says no where it may not see the kernel's addresses.
      guard try object.run(Self.program, arguments: []) == 0 else { throw .hiddenSymbols }
      guard totals[PerCPULayout.cpusRead] == UInt64(cpuCount) else {
        throw .wrongObject(
          problem: "it read \(totals[PerCPULayout.cpusRead]) of \(cpuCount) CPUs")
      }
      guard totals[PerCPULayout.cpusGone] == 0 else { return false }
      for (place, word) in words.enumerated() {
        guard let word else { continue }
        let value = totals[word]
        // As the text has it: what nodes and zones have together may be below 0 for a moment.
        let isEvent = word < PerCPULayout.node
        values[place] = isEvent ? value : UInt64(max(Int64(bitPattern: value), 0))
      }
      if cpus.count != cpuCount { cpus = Array(repeating: CPUEvents(), count: cpuCount) }
      for cpu in cpus.indices {
        let first = cpu * PerCPULayout.wordsPerCPU
        cpus[cpu].pagesMigrated = cpuWords[first + PerCPULayout.pagesMigrated]
        cpus[cpu].pagesFailed = cpuWords[first + PerCPULayout.pagesFailed]
      }
      return true
    }
  }
#endif
