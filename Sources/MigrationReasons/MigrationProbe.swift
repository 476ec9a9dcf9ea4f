package import System

/// Counts page migrations by reason in the kernel, from its making until its end.
///
/// It needs CAP_BPF, CAP_PERFMON and a readable tracefs to be made, and nothing to be read: after
/// `dropPrivileges(becoming:)` it keeps counting.
package struct MigrationProbe: ~Copyable {
  /// When counting began.
  package let attached: UnixTime
  /// Whether calls are timed; not before 5.13, where the kernel does not say when one begins.
  package let hasDurations: Bool
  /// Whether THPs are counted; not before 5.9.
  package let hasTHP: Bool
  /// Whether split folios are counted; not before 6.7.
  package let hasFoliosSplit: Bool

  #if Reasons
    private let object: EBPFObject
    private let slots: MappedSlots
    private let slowCalls: MappedSlots
    private let durations: MappedSlots
    private let tracepoints: MigrationTracepoints
    private var causes: CausesProbe?
  #endif
  private var reasonNumbers: Numbering
  private var modeNumbers: Numbering
  private var sums = SlotSums()

  /// - Parameter tracefs: where tracefs is mounted, usually `/sys/kernel/tracing`.
  package init(tracefs: String) throws(ReasonsUnavailable) {
    #if Reasons
      let place = Tracefs(tracefs)
      let tracepoints = try place.migrationTracepoints()
      guard place.isKernels else { throw .noTracefs(path: tracefs) }
      try self.init(tracepoints, tracepoints.programs)
    #else
      throw .notBuilt
    #endif
  }

  #if Reasons
    /// With the programs of choice, so that both kinds can be tested on one kernel.
    package init(
      _ tracepoints: MigrationTracepoints, _ programs: MigrationTracepoints.Programs
    ) throws(ReasonsUnavailable) {
      var object = try EBPFObject(migrationObject, name: "migration")
      let counts = EBPFObject.SlotArray(map: "counts", wordsPerSlot: SlotLayout.wordsPerSlot)
      let slow = EBPFObject.SlotArray(map: "slowest", wordsPerSlot: SlowCallLayout.wordsPerSlot)
      let timed = EBPFObject.SlotArray(
        map: "durations", wordsPerSlot: SlotLayout.durationWordsPerSlot)
      try object.load(
        only: [programs.end, programs.start].compactMap { $0 }, filling: [counts, slow, timed],
        constants: { DurationBuckets.tableWords + ProgramSettings(tracepoints, slots: $0).words })
      let slots = try object.mapped(counts)
      let slowCalls = try object.mapped(slow)
      let durations = try object.mapped(timed)
      // An end without a start is counted untimed; a start without an end is a leak.
      var events = [(programs.end, "mm_migrate_pages", tracepoints.end.number)]
      if let program = programs.start, let start = tracepoints.start {
        events.append((program, "mm_migrate_pages_start", start.number))
      }
      for (program, tracepoint, number) in events {
        switch programs.attachment {
        case .raw: try object.attach(program, toRawTracepoint: tracepoint)
        case .classic: try object.attach(program, toTracepoint: number)
        }
      }
      self.object = object
      self.slots = slots
      self.slowCalls = slowCalls
      self.durations = durations
      self.tracepoints = tracepoints
      causes = nil
      hasDurations = tracepoints.start != nil
      hasTHP = tracepoints.hasTHP
      hasFoliosSplit = tracepoints.hasFoliosSplit
      reasonNumbers = Numbering(tracepoints.reasons, places: SlotLayout.reasons)
      modeNumbers = Numbering(tracepoints.modes, places: SlotLayout.modes)
      attached = .now
    }
  #endif

  /// From here on each failed page is given a cause as well.
  ///
  /// - Parameter methods: those to try, in this order.
  package mutating func attachCauses(
    by methods: [CausesMethod] = CausesMethod.allCases
  ) -> Result<SharedProbe.Causes, ReasonsUnavailable> {
    #if Reasons
      do throws(ReasonsUnavailable) {
        let probe = try CausesProbe.attach(tracepoints, methods)
        let causes = SharedProbe.Causes(method: probe.method, hasRefusals: probe.hasRefusals)
        self.causes = consume probe
        return .success(causes)
      } catch {
        return .failure(error)
      }
    #else
      return .failure(.notBuilt)
    #endif
  }

  /// Moves that NUMA balancing gave up before trying. Nil where causes are not counted.
  package func refused(_ cause: NUMARefusal) -> UInt64? {
    #if Reasons
      causes?.refused(cause)
    #else
      nil
    #endif
  }

  /// The kernel's reasons by number, and any unknown one that `read` has met.
  package var reasons: [String] { reasonNumbers.names }

  /// The kernel's modes by number, and any unknown one that `read` has met.
  package var modes: [String] { modeNumbers.names }

  /// The totals of each of `reasons`, in that order.
  ///
  /// - Parameter totals: filled in place. Given the last result again, nothing is allocated, unless
  ///   the kernel has used a number never met before.
  package mutating func read(into totals: inout [ReasonTotals]) {
    #if Reasons
      sums.add(slots, durations)
    #endif
    if showNewNumbers() || totals.count != reasons.count || totals.first?.calls.count != modes.count
    {
      totals = reasons.map { ReasonTotals(reason: $0, modes: modes.count) }
    }
    for (row, reason) in reasonNumbers.numbers.enumerated() {
      for (column, mode) in modeNumbers.numbers.enumerated() {
        totals[row].calls[column] = sums[reason: reason, SlotLayout.calls + mode]
      }
      totals[row].pagesMigrated = sums[reason: reason, SlotLayout.pagesMigrated]
      totals[row].pagesFailed = sums[reason: reason, SlotLayout.pagesFailed]
      totals[row].thpMigrated = sums[reason: reason, SlotLayout.thpMigrated]
      totals[row].thpFailed = sums[reason: reason, SlotLayout.thpFailed]
      totals[row].thpSplit = sums[reason: reason, SlotLayout.thpSplit]
      totals[row].foliosSplit = sums[reason: reason, SlotLayout.foliosSplit]
      totals[row].duration = .init(
        wholeNanoseconds: sums[reason: reason, SlotLayout.durationNanoseconds])
      for bucket in 0..<SlotLayout.buckets {
        totals[row].durationBuckets[bucket] = sums[reason: reason, duration: bucket]
      }
    }
    #if Reasons
      readCauses(into: &totals)
    #endif
  }

  #if Reasons
    /// What the causes' own program counted is taken for the failed pages, so that the sum over
    /// causes is that number at every moment.
    private func readCauses(into totals: inout [ReasonTotals]) {
      guard causes != nil else { return }
      for (row, reason) in reasonNumbers.numbers.enumerated() {
        var failed = totals[row].failed ?? FailedPages()
        causes?.fill(&failed, reason: reason)
        totals[row].pagesFailed = failed.causes.reduce(0, &+)
        totals[row].failed = failed
      }
    }
  #endif

  /// The slowest call of each reason in the last minute, the slowest first. Empty where calls are not
  /// timed.
  package borrowing func slowestCalls(at now: MonotonicTime = .now) -> [SlowCall] {
    #if Reasons
      var calls: [SlowCall] = []
      for (number, name) in zip(reasonNumbers.numbers, reasonNumbers.names) {
        if let call = slowCalls.slowestCall(reason: number, name: name, at: now) {
          calls.append(call)
        }
      }
      return calls.sorted { $0.duration > $1.duration }
    #else
      return []
    #endif
  }

  private mutating func showNewNumbers() -> Bool {
    var isNew = false
    for reason in 0..<SlotLayout.reasons where sums.hasCalls(reason: reason) {
      isNew = reasonNumbers.show(reason) || isNew
    }
    for mode in 0..<SlotLayout.modes where sums.hasCalls(mode: mode) {
      isNew = modeNumbers.show(mode) || isNew
    }
    return isNew
  }

  #if Reasons
    /// Runs one of the loaded raw programs as if the kernel had passed its tracepoint in this thread,
    /// for tests of what no workload provokes at will. It is counted like any call.
    package borrowing func run(
      _ name: String, arguments: [UInt64]
    ) throws(ReasonsUnavailable) {
      try object.run(name, arguments: arguments)
    }
  #endif
}
