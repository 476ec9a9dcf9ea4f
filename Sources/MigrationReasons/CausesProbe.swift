/// How the causes of failures are told apart, the better one first.
package enum CausesMethod: String, CaseIterable, Sendable {
  /// At each failed attempt, by programs attached to the kernel's functions.
  case attempts
  /// After the call, by tracepoints alone, and for compaction alone: what still keeps the page.
  case state
}

#if Reasons
  /// Why pages do not move: `causes.bpf.c` in the kernel, attached, and what it has counted.
  struct CausesProbe: ~Copyable {
    let method: CausesMethod
    /// Whether the kernel tells which moves NUMA balancing gave up before trying.
    let hasRefusals: Bool
    private let object: EBPFObject
    private let slots: MappedSlots

    private static let attempts = [
      EBPFFunction("starved", "migrate_pages_batch", arguments: 10),
      EBPFFunction("undone", "migrate_folio_undo_src", arguments: 5),
      EBPFFunction("entered", "migrate_pages", arguments: 7),
    ]
    private static let refused = EBPFFunction(
      "refused", "migrate_misplaced_folio_prepare", arguments: 3)

    /// With the best method that the kernel lets us have.
    ///
    /// - Parameter methods: those to try, in this order.
    static func attach(
      _ tracepoints: MigrationTracepoints, _ methods: [CausesMethod] = CausesMethod.allCases
    ) throws(ReasonsUnavailable) -> CausesProbe {
      var problem: ReasonsUnavailable?
      for method in methods {
        do throws(ReasonsUnavailable) {
          return try attach(tracepoints, by: method)
        } catch {
          problem = error
        }
      }
      throw problem ?? .notBuilt
    }

    private static func attach(
      _ tracepoints: MigrationTracepoints, by method: CausesMethod
    ) throws(ReasonsUnavailable) -> CausesProbe {
      let functions = try KernelTypes()
      let ends = ["end_raw_5": "failed_5", "end_raw_6": "failed_6"]
      guard let end = tracepoints.rawPrograms?.end, let failed = ends[end] else {
        throw .noFunction("mm_migrate_pages")
      }
      var (programs, hasRefusals) = ([String](), false)
      switch method {
      case .attempts:
        for function in Self.attempts where !functions.has(function) {
          throw .noFunction(function.name)
        }
        hasRefusals = functions.has(Self.refused)
        programs = Self.attempts.map(\.program) + (hasRefusals ? [Self.refused.program] : [])
      case .state:
        guard functions.tracepoint("mm_compaction_begin", takes: "compact_control") else {
          throw .noFunction("mm_compaction_begin")
        }
        programs = ["compacting"]
      }
      var object = try EBPFObject(causesObject, name: "causes")
      let failures = EBPFObject.SlotArray(
        map: "failures", wordsPerSlot: FailureLayout.wordsPerSlot)
      try object.load(only: [failed] + programs, filling: [failures])
      let slots = try object.mapped(failures)
      // An end without its entry is counted as unknown; an entry without an end is a leak.
      try object.attach(failed, toRawTracepoint: "mm_migrate_pages")
      for program in programs { try object.attach(program) }
      return CausesProbe(method, hasRefusals, object, slots)
    }

    private init(
      _ method: CausesMethod, _ hasRefusals: Bool, _ object: consuming EBPFObject,
      _ slots: consuming MappedSlots
    ) {
      self.method = method
      self.hasRefusals = hasRefusals
      self.object = object
      self.slots = slots
    }

    func refused(_ cause: NUMARefusal) -> UInt64 {
      slots.sum(FailureLayout.firstRefusal + NUMARefusal.allCases.firstIndex(of: cause)!)
    }

    /// - Parameter reason: its number.
    func fill(_ pages: inout FailedPages, reason: Int) {
      let first = reason * FailureLayout.wordsPerReason
      for cause in pages.causes.indices { pages.causes[cause] = slots.sum(first + cause) }
      for kind in pages.kinds.indices {
        pages.kinds[kind] = slots.sum(first + FailureLayout.causes + kind)
      }
    }
  }
#endif
