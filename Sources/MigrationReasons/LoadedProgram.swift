#if Reasons
  internal import CBPF

  internal import Glibc

  /// The eBPF programs in the kernel, attached. They leave it when this goes, or with the process
  /// however that ends: nothing is pinned.
  @safe struct LoadedProgram: ~Copyable {
    let slots: Int
    private let object: OpaquePointer
    private var endLink: OpaquePointer?
    private var startLink: OpaquePointer?

    /// Whichever step fails, `deinit` gives back what was taken before.
    static func load(
      _ tracepoints: MigrationTracepoints, _ programs: MigrationTracepoints.Programs
    ) throws(ReasonsUnavailable) -> LoadedProgram {
      var program = unsafe try LoadedProgram(object: open())
      try program.configure(tracepoints)
      try program.load(only: [programs.end, programs.start].compactMap { $0 })
      try program.attach(tracepoints, programs)
      return program
    }

    private init(object: OpaquePointer) {
      unsafe self.object = unsafe object
      slots = min(max(sysconf(CInt(_SC_NPROCESSORS_CONF)), 1), SlotLayout.slotsMax)
    }

    deinit {
      _ = unsafe bpf_link__destroy(startLink)
      _ = unsafe bpf_link__destroy(endLink)
      unsafe bpf_object__close(object)
    }

    borrowing func mapSlots() throws(ReasonsUnavailable) -> MappedSlots {
      unsafe try MappedSlots(map: bpf_map__fd(map("counts")), count: slots)
    }

    /// libbpf would explain failures to standard error; ours are one line of the exporter's log.
    borrowing func run(_ name: String, arguments: [UInt64]) throws(ReasonsUnavailable) {
      let descriptor = unsafe bpf_program__fd(bpf_object__find_program_by_name(object, name))
      let failure = unsafe arguments.withUnsafeBytes { bytes in
        var options = unsafe bpf_test_run_opts()
        unsafe options.sz = unsafe MemoryLayout<bpf_test_run_opts>.size
        unsafe options.ctx_in = bytes.baseAddress
        unsafe options.ctx_size_in = UInt32(bytes.count)
        return unsafe bpf_prog_test_run_opts(descriptor, &options)
      }
      guard failure == 0 else { throw .refusal(.run, -failure) }
    }

    private static func open() throws(ReasonsUnavailable) -> OpaquePointer {
      _ = unsafe libbpf_set_print(nil)
      let object = unsafe migrationObject.withUnsafeBytes { bytes in
        unsafe "migration".withCString { name in
          var options = unsafe bpf_object_open_opts()
          unsafe options.sz = unsafe MemoryLayout<bpf_object_open_opts>.size
          unsafe options.object_name = unsafe name
          return unsafe bpf_object__open_mem(bytes.baseAddress, bytes.count, &options)
        }
      }
      guard let object = unsafe object else { throw .refusal(.load, errno) }
      return unsafe object
    }

    private borrowing func configure(_ tracepoints: MigrationTracepoints) throws(ReasonsUnavailable)
    {
      let counts = unsafe try map("counts")
      guard unsafe bpf_map__value_size(counts) == UInt32(SlotLayout.bytesPerSlot) else {
        throw .wrongObject(problem: "its slots have another size")
      }
      guard unsafe bpf_map__set_max_entries(counts, UInt32(slots)) == 0 else {
        throw .refusal(.load, errno)
      }

      let settings = ProgramSettings(tracepoints, slots: slots).words
      let constants = unsafe try map(".rodata")
      var bytes = 0
      guard let place = unsafe bpf_map__initial_value(constants, &bytes),
        bytes == settings.count * MemoryLayout<UInt32>.size
      else { throw .wrongObject(problem: "its settings have another size") }
      unsafe UnsafeMutableRawPointer(mutating: place).copyMemory(from: settings, byteCount: bytes)
    }

    private borrowing func load(only names: [String]) throws(ReasonsUnavailable) {
      var program = unsafe bpf_object__next_program(object, nil)
      while let current = unsafe program {
        let name = unsafe String(cString: bpf_program__name(current))
        _ = unsafe bpf_program__set_autoload(current, names.contains(name))
        unsafe program = unsafe bpf_object__next_program(object, current)
      }
      let failure = unsafe bpf_object__load(object)
      guard failure == 0 else { throw .refusal(.load, -failure) }
    }

    /// The end first: an end without a start is counted untimed, a start without an end is a leak.
    private mutating func attach(
      _ tracepoints: MigrationTracepoints, _ programs: MigrationTracepoints.Programs
    ) throws(ReasonsUnavailable) {
      unsafe endLink = unsafe try attach(
        programs.end, programs.attachment, "mm_migrate_pages", tracepoints.end)
      if let program = programs.start, let start = tracepoints.start {
        unsafe startLink = unsafe try attach(
          program, programs.attachment, "mm_migrate_pages_start", start)
      }
    }

    private borrowing func attach(
      _ name: String, _ attachment: MigrationTracepoints.Attachment, _ tracepoint: String,
      _ format: TracepointFormat
    ) throws(ReasonsUnavailable) -> OpaquePointer {
      guard let program = unsafe bpf_object__find_program_by_name(object, name) else {
        throw .wrongObject(problem: "no program \(name)")
      }
      let link: OpaquePointer?
      switch attachment {
      case .raw:
        unsafe link = unsafe bpf_program__attach_raw_tracepoint(program, tracepoint)
      case .classic:
        let event = cbpf_open_tracepoint(format.number)
        guard event >= 0 else { throw .refusal(.attach, errno) }
        unsafe link = unsafe bpf_program__attach_perf_event(program, event)
        if unsafe link == nil { close(event) }  // Otherwise the link's, and closed with it.
      }
      guard let link = unsafe link else { throw .refusal(.attach, errno) }
      return unsafe link
    }

    private borrowing func map(_ name: String) throws(ReasonsUnavailable) -> OpaquePointer {
      // libbpf names the map of constants after the object, so it is found by its section.
      guard let map = unsafe bpf_object__find_map_by_name(object, name) else {
        throw .wrongObject(problem: "no map \(name)")
      }
      return unsafe map
    }
  }
#endif
