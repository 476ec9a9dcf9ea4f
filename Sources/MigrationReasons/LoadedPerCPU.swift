#if Reasons
  internal import KernelText

  /// `percpu.bpf.c` in the kernel, and what it reads.
  struct LoadedPerCPU: ~Copyable {
    private let object: EBPFObject
    private let find: RunnableProgram
    private let readCounters: RunnableProgram
    private let found: MappedWords
    private let cpuWords: MappedWords
    private let nodeWords: MappedWords
    private let zoneWords: MappedWords
    private let settings: PerCPUSettings
    private let cpuCount: Int
    private var cpus: CPULists
    /// Those that were online when the counters were found, where the machine can have CPUs that it never
    /// had: of such a one nothing is known before it is there, so it is looked for at each reading.
    private var online: NumberList?
    private var nodeCount = 0
    private var zoneCount = 0
    /// Of each CPU at the last reading: the sum of its first line of events.
    private var firstLines: [UInt64]
    private var cpuSums: [UInt64]
    private var nodeSums: [UInt64]
    private var zoneSums: [UInt64]

    static func load(
      _ settings: PerCPUSettings, cpuCount: Int, _ cpus: consuming CPULists
    ) throws(ReasonsUnavailable) -> LoadedPerCPU {
      let object = try EBPFObject(percpuObject, name: "percpu")
      try object.load(
        only: ["find", "read_counters"], constants: settings.constants,
        entries: ["cpus": cpuCount, "cpu_places": cpuCount], frozen: ["cpu_places", "places"])
      let programs = (try object.runnable("find"), try object.runnable("read_counters"))
      let found = try object.mapped("found", words: PerCPULayout.wordsFound)
      let cpuWords = try object.mapped("cpus", words: cpuCount * PerCPULayout.wordsPerCPU)
      let nodeWords = try object.mapped(
        "nodes", words: PerCPULayout.nodes * PerCPULayout.nodeStats)
      let zoneWords = try object.mapped(
        "zones", words: PerCPULayout.zones * PerCPULayout.zoneStats)
      var loaded = LoadedPerCPU(
        settings, cpuCount: cpuCount, cpus, object, programs, found, cpuWords, nodeWords, zoneWords)
      try loaded.findCounters()
      return loaded
    }

    private init(
      _ settings: PerCPUSettings, cpuCount: Int, _ cpus: consuming CPULists,
      _ object: consuming EBPFObject, _ programs: (RunnableProgram, RunnableProgram),
      _ found: consuming MappedWords, _ cpuWords: consuming MappedWords,
      _ nodeWords: consuming MappedWords, _ zoneWords: consuming MappedWords
    ) {
      self.settings = settings
      self.cpuCount = cpuCount
      self.cpus = cpus
      self.object = object
      (find, readCounters) = programs
      self.found = found
      self.cpuWords = cpuWords
      self.nodeWords = nodeWords
      self.zoneWords = zoneWords
      firstLines = Array(repeating: 0, count: cpuCount)
      cpuSums = Array(repeating: 0, count: PerCPULayout.wholeLines(settings.eventsRead))
      nodeSums = Array(repeating: 0, count: PerCPULayout.wholeLines(settings.nodeStatsRead))
      zoneSums = Array(repeating: 0, count: PerCPULayout.wholeLines(settings.zoneStatsRead))
    }

    /// The kernel's threads are followed while some end, and where one does the others are not found: so
    /// it is tried again.
    private mutating func findCounters() throws(ReasonsUnavailable) {
      for _ in 1..<3 {
        do throws(ReasonsUnavailable) { return try findOnce() } catch .notFound { continue }
      }
      try findOnce()
    }

    private mutating func findOnce() throws(ReasonsUnavailable) {
      // Asked first: a CPU that comes after that is looked for again.
      let online = try cpus.online()
      try check(find.run())
      let foundCPUs = Int(found[PerCPULayout.cpusFound])
      guard foundCPUs >= online.ranges.reduce(0, { $0 + $1.count }) else {
        throw .notFound("a CPU's events")
      }
      self.online = foundCPUs < cpuCount ? online : nil
      nodeCount = min(Int(found[PerCPULayout.nodesFound]), PerCPULayout.nodes)
      zoneCount = min(Int(found[PerCPULayout.zonesFound]), PerCPULayout.zones)
    }

    mutating func read(
      into values: inout [UInt64], cpus: inout [CPUEvents]
    ) throws(ReasonsUnavailable) -> PerCPUProbe.Reading {
      let answer = try readCounters.run()
      var isAllKnown = answer != PerCPULayout.Answer.zonesChanged.rawValue
      if isAllKnown, let online { isAllKnown = try self.cpus.online() == online }
      guard isAllKnown else {
        try findCounters()
        return .foundAnew
      }
      try check(answer)
      guard stayedOnline() else { return .cpuWentOffline }
      sum(into: &values)
      if cpus.count != cpuCount { cpus = Array(repeating: CPUEvents(), count: cpuCount) }
      for cpu in 0..<cpuCount {
        let first = cpu &* PerCPULayout.wordsPerCPU
        cpus[cpu].pagesMigrated = cpuWords[first &+ settings.pagesMigrated]
        cpus[cpu].pagesFailed = cpuWords[first &+ settings.pagesFailed]
      }
      return .whole
    }

    /// When a CPU goes offline the kernel hands its events to another, one by one, beginning with the first
    /// line: some may have been read twice or not at all if that became less since the last reading, or
    /// while the others were read.
    private mutating func stayedOnline() -> Bool {
      var stayed = true
      for cpu in 0..<cpuCount {
        let first = cpu &* PerCPULayout.wordsPerCPU
        let line = cpuWords.sumOfLine(first)
        let lineAgain = cpuWords.sumOfLine(first &+ PerCPULayout.firstLineAgain)
        if line < firstLines[cpu] || lineAgain < line { stayed = false }
        firstLines[cpu] = lineAgain
      }
      return stayed
    }

    /// ``VmstatArrays/firstEvents`` at the last reading.
    var sumOfFirstEvents: UInt64 { cpuSums[2..<PerCPULayout.eventsPerLine].reduce(0, &+) }

    private mutating func sum(into values: inout [UInt64]) {
      Self.sum(cpuWords, PerCPULayout.wordsPerCPU, count: cpuCount, into: &cpuSums)
      Self.sum(nodeWords, PerCPULayout.nodeStats, count: nodeCount, into: &nodeSums)
      Self.sum(zoneWords, PerCPULayout.zoneStats, count: zoneCount, into: &zoneSums)
      let (cpuSums, nodeSums, zoneSums) = (cpuSums.span, nodeSums.span, zoneSums.span)
      var values = values.mutableSpan
      for source in settings.ofCPUs { values[source.counter] = cpuSums[source.word] }
      for source in settings.ofNodes {
        values[source.counter] = Self.notBelow0(nodeSums[source.word])
      }
      for source in settings.ofZones {
        values[source.counter] = Self.notBelow0(zoneSums[source.word])
      }
    }

    /// - Parameter stride: how many words there are for each of `count`.
    private static func sum(
      _ words: borrowing MappedWords, _ stride: Int, count: Int, into sums: inout [UInt64]
    ) {
      var cleared = sums.mutableSpan
      for index in cleared.indices { cleared[index] = 0 }
      for number in 0..<count { words.addLines(from: number * stride, to: &sums) }
    }

    /// As the text has it: what nodes and zones have together may be below 0 for a moment.
    private static func notBelow0(_ sum: UInt64) -> UInt64 {
      UInt64(max(Int64(bitPattern: sum), 0))
    }

    private func check(_ answer: UInt32) throws(ReasonsUnavailable) {
      switch PerCPULayout.Answer(rawValue: answer) {
      case .done: return
      case .noRunQueues: throw .notFound("a CPU's events")
      case .noNodes: throw .notFound("a node's counters")
      case .otherNodeStats: throw .otherArray("vm_node_stat")
      case .otherZoneStats: throw .otherArray("vm_zone_stat")
      case .incomplete, .zonesChanged, nil:
        throw .wrongObject(problem: "it did not read all counters (\(answer))")
      }
    }

    /// What the programs read of the kernel's types.
    static let members = [
      ("sched_entity", "cfs_rq"), ("cfs_rq", "rq"), ("rq", "cpu"), ("rq", "stop"),
      ("task_struct", "se"), ("task_struct", "real_parent"), ("task_struct", "children"),
      ("task_struct", "sibling"), ("task_struct", "worker_private"), ("kthread", "data"),
      ("pglist_data", "kswapd"), ("pglist_data", "node_zones"), ("pglist_data", "node_zonelists"),
      ("pglist_data", "vm_stat"), ("zonelist", "_zonerefs"), ("zone", "zone_pgdat"),
      ("zone", "vm_stat"),
    ].map { (structure: $0.0, member: $0.1) }
  }
#endif
