#if Reasons
  internal import Glibc

  /// The programs of `migration.bpf.c` in the kernel, attached.
  struct LoadedProgram: ~Copyable {
    let slots: Int
    private let object: EBPFObject

    /// The end first: an end without a start is counted untimed, a start without an end is a leak.
    static func load(
      _ tracepoints: MigrationTracepoints, _ programs: MigrationTracepoints.Programs
    ) throws(ReasonsUnavailable) -> LoadedProgram {
      let slots = SlotLayout.slotsHere
      var object = try EBPFObject(migrationObject, name: "migration")
      try object.setSlots(of: "counts", count: slots, bytesPerSlot: SlotLayout.bytesPerSlot)
      try object.setConstants(ProgramSettings(tracepoints, slots: slots).words)
      try object.load(only: [programs.end, programs.start].compactMap { $0 })
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
      return LoadedProgram(slots: slots, object: object)
    }

    private init(slots: Int, object: consuming EBPFObject) {
      self.slots = slots
      self.object = object
    }

    func mapSlots() throws(ReasonsUnavailable) -> MappedSlots {
      MappedSlots(
        try object.mapped("counts", words: slots * SlotLayout.wordsPerSlot), count: slots)
    }

    func run(_ name: String, arguments: [UInt64]) throws(ReasonsUnavailable) {
      try object.run(name, arguments: arguments)
    }
  }

  extension SlotLayout {
    /// One for each CPU that this machine can have, as far as there are slots.
    static var slotsHere: Int { min(max(sysconf(CInt(_SC_NPROCESSORS_CONF)), 1), slotsMax) }
  }
#endif
