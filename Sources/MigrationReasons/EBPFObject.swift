#if Reasons
  internal import CBPF
  internal import Glibc

  /// eBPF programs and their maps in the kernel. They leave it when this goes, or with the process
  /// however that ends: nothing is pinned.
  @safe struct EBPFObject: ~Copyable {
    private let object: OpaquePointer
    private var links: [OpaquePointer] = unsafe []

    /// - Parameter name: what tools such as bpftool show.
    init(_ bytes: [UInt8], name: String) throws(ReasonsUnavailable) {
      // libbpf would explain failures to standard error; ours are one line of the exporter's log.
      _ = unsafe libbpf_set_print(nil)
      let object = unsafe bytes.withUnsafeBytes { bytes in
        unsafe name.withCString { name in
          var options = unsafe bpf_object_open_opts()
          unsafe options.sz = unsafe MemoryLayout<bpf_object_open_opts>.size
          unsafe options.object_name = unsafe name
          return unsafe bpf_object__open_mem(bytes.baseAddress, bytes.count, &options)
        }
      }
      guard let object = unsafe object else { throw .refusal(.load, errno) }
      unsafe self.object = unsafe object
    }

    deinit {
      for place in unsafe links.indices { _ = unsafe bpf_link__destroy(links[place]) }
      unsafe bpf_object__close(object)
    }

    /// An array in which the programs count: a slot for each CPU that this machine can have, as far as
    /// there are slots.
    struct SlotArray {
      let map: String
      let wordsPerSlot: Int
    }

    /// Loads some of the programs, which fill these arrays.
    ///
    /// - Parameter constants: the programs', for this number of slots.
    func load(
      only programs: [String], filling arrays: [SlotArray],
      constants: (Int) -> [UInt32] = { [UInt32($0)] }
    ) throws(ReasonsUnavailable) {
      for array in arrays {
        let map = unsafe try map(array.map)
        guard unsafe bpf_map__value_size(map) == UInt32(array.wordsPerSlot * 8) else {
          throw .wrongObject(problem: "\(array.map): its slots have another size")
        }
        guard unsafe bpf_map__set_max_entries(map, UInt32(Self.slots)) == 0 else {
          throw .refusal(.load, errno)
        }
      }
      try setConstants(constants(Self.slots))
      try load(only: programs)
    }

    /// Loads some programs, whose maps are to have so many entries.
    ///
    /// - Parameter frozen: maps that no process may write from then on.
    func load(
      only programs: [String], constants: [UInt32], entries: KeyValuePairs<String, Int>,
      frozen: [String]
    ) throws(ReasonsUnavailable) {
      for (name, count) in entries {
        guard unsafe bpf_map__set_max_entries(try map(name), UInt32(count)) == 0 else {
          throw .refusal(.load, errno)
        }
      }
      try setConstants(constants)
      try load(only: programs)
      for name in frozen {
        guard unsafe bpf_map_freeze(bpf_map__fd(try map(name))) == 0 else {
          throw .refusal(.load, errno)
        }
      }
    }

    /// What a loaded program counts there.
    func mapped(_ array: SlotArray) throws(ReasonsUnavailable) -> MappedSlots {
      let words = try MappedWords(
        map: unsafe bpf_map__fd(try map(array.map)), count: Self.slots * array.wordsPerSlot)
      return MappedSlots(words, count: Self.slots, wordsPerSlot: array.wordsPerSlot)
    }

    /// All of an array.
    func mapped(
      _ array: String, words: Int, isWritable: Bool = false
    ) throws(ReasonsUnavailable) -> MappedWords {
      let map = unsafe try map(array)
      guard unsafe Int(bpf_map__value_size(map)) * Int(bpf_map__max_entries(map)) == words * 8
      else {
        throw .wrongObject(problem: "\(array): it has another size")
      }
      return try MappedWords(map: unsafe bpf_map__fd(map), count: words, isWritable: isWritable)
    }

    private static var slots: Int {
      min(max(sysconf(CInt(_SC_NPROCESSORS_CONF)), 1), SlotLayout.slotsMax)
    }

    private func setConstants(_ words: [UInt32]) throws(ReasonsUnavailable) {
      // libbpf names the map of constants after the object, so it is found by its section.
      let constants = unsafe try map(".rodata")
      var bytes = 0
      guard let place = unsafe bpf_map__initial_value(constants, &bytes),
        bytes == words.count * MemoryLayout<UInt32>.size
      else { throw .wrongObject(problem: "its settings have another size") }
      unsafe UnsafeMutableRawPointer(mutating: place).copyMemory(from: words, byteCount: bytes)
    }

    private func load(only names: [String]) throws(ReasonsUnavailable) {
      var program = unsafe bpf_object__next_program(object, nil)
      while let current = unsafe program {
        let name = unsafe String(cString: bpf_program__name(current))
        _ = unsafe bpf_program__set_autoload(current, names.contains(name))
        unsafe program = unsafe bpf_object__next_program(object, current)
      }
      let failure = unsafe bpf_object__load(object)
      guard failure == 0 else { throw .refusal(.load, -failure) }
    }

    /// Attaches a program to the kernel's function that its section names.
    mutating func attach(_ name: String) throws(ReasonsUnavailable) {
      let program = unsafe try program(name)
      unsafe try keep(bpf_program__attach_trace(program))
    }

    mutating func attach(
      _ name: String, toRawTracepoint tracepoint: String
    ) throws(ReasonsUnavailable) {
      let program = unsafe try program(name)
      unsafe try keep(bpf_program__attach_raw_tracepoint(program, tracepoint))
    }

    /// - Parameter number: the tracepoint's, from its format.
    mutating func attach(
      _ name: String, toTracepoint number: UInt32
    ) throws(ReasonsUnavailable) {
      let program = unsafe try program(name)
      let event = cbpf_open_tracepoint(number)
      guard event >= 0 else { throw .refusal(.attach, errno) }
      let link = unsafe bpf_program__attach_perf_event(program, event)
      if unsafe link == nil {
        let problem = errno
        close(event)  // Otherwise the link's, and closed with it.
        throw .refusal(.attach, problem)
      }
      unsafe try keep(link)
    }

    /// Runs a program in this thread: a raw one as if the kernel had passed its tracepoint.
    ///
    /// - Returns: what it returned.
    @discardableResult
    func run(_ name: String, arguments: [UInt64]) throws(ReasonsUnavailable) -> UInt32 {
      let descriptor = unsafe bpf_program__fd(try program(name))
      var options = unsafe bpf_test_run_opts()
      unsafe options.sz = unsafe MemoryLayout<bpf_test_run_opts>.size
      let failure = unsafe arguments.withUnsafeBytes { bytes in
        unsafe options.ctx_in = bytes.isEmpty ? nil : bytes.baseAddress
        unsafe options.ctx_size_in = UInt32(bytes.count)
        return unsafe bpf_prog_test_run_opts(descriptor, &options)
      }
      guard failure == 0 else { throw .refusal(.run, -failure) }
      return unsafe options.retval
    }

    /// A loaded program, to run again and again.
    func runnable(_ name: String) throws(ReasonsUnavailable) -> RunnableProgram {
      RunnableProgram(descriptor: unsafe bpf_program__fd(try program(name)))
    }

    private mutating func keep(_ link: OpaquePointer?) throws(ReasonsUnavailable) {
      guard let link = unsafe link else { throw .refusal(.attach, errno) }
      unsafe links.append(link)
    }

    private func program(_ name: String) throws(ReasonsUnavailable) -> OpaquePointer {
      guard let program = unsafe bpf_object__find_program_by_name(object, name) else {
        throw .wrongObject(problem: "no program \(name)")
      }
      return unsafe program
    }

    private func map(_ name: String) throws(ReasonsUnavailable) -> OpaquePointer {
      guard let map = unsafe bpf_object__find_map_by_name(object, name) else {
        throw .wrongObject(problem: "no map \(name)")
      }
      return unsafe map
    }
  }
#endif
