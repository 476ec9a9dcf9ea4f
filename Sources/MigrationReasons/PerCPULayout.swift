/// Where `percpu.bpf.c` puts what it reads, in words of 64 bits. Change both.
enum PerCPULayout {
  static let eventsPerLine = 8
  static let events = 192
  static let nodeStats = 96
  static let zoneStats = 16
  static let nodes = 64
  static let zones = 255

  /// Of a CPU: its events, and the first line of them read once more.
  static let firstLineAgain = events
  static let wordsPerCPU = events + eventsPerLine

  // Of `found`.
  static let cpusFound = 0
  static let nodesFound = 1
  static let zonesFound = 2
  static let wordsFound = 3

  static let cpusMax = 8192

  /// So many words and the rest of the last one's cache line: each of the above is a multiple of it.
  static func wholeLines(_ words: Int) -> Int { (words + 7) / 8 * 8 }

  /// What the programs return.
  enum Answer: UInt32 {
    case done, incomplete, zonesChanged, noRunQueues, noNodes, otherNodeStats, otherZoneStats
  }
}

/// What `percpu.bpf.c` is to read for some counters: its constants, and the words where each is then.
struct PerCPUSettings: Equatable {
  /// Where the value of a counter is.
  struct Source: Equatable {
    /// The counter's place among those that were asked for.
    let counter: Int
    /// Of a CPU, a node or a zone.
    let word: Int
  }

  /// `settings` of the program.
  let constants: [UInt32]
  /// Whether the kernel has each of the counters that were asked for.
  let isThere: [Bool]
  let ofCPUs: [Source]
  let ofNodes: [Source]
  let ofZones: [Source]
  /// How many words are read of each CPU, node and zone.
  let eventsRead: Int
  let nodeStatsRead: Int
  let zoneStatsRead: Int
  /// Words of a CPU, in base pages.
  let pagesMigrated: Int
  let pagesFailed: Int

  /// - Parameter variables: where they are among those of a CPU.
  /// - Throws: the name of what there is no room for.
  init(
    _ arrays: VmstatArrays, _ counters: [String], cpus: Int, _ variables: PerCPUVariables
  ) throws(ReasonsUnavailable) {
    guard arrays.events == variables.events else { throw .otherArray("vm_event_states") }
    guard cpus <= PerCPULayout.cpusMax else { throw .tooLarge("\(cpus) CPUs") }
    let places = counters.map { arrays[$0] }
    isThere = places.map { $0 != nil }

    let events = places.compactMap { if case .event(let number) = $0 { number } else { nil } }
    let ranges = EventRanges(of: events, count: variables.events)
    guard ranges.words <= PerCPULayout.events else { throw .tooLarge("vm_event_states") }

    var (ofCPUs, ofNodes, ofZones): ([Source], [Source], [Source]) = ([], [], [])
    for (counter, place) in places.enumerated() {
      switch place {
      case .event(let number):
        ofCPUs.append(Source(counter: counter, word: ranges.word(of: number)))
      case .node(let number): ofNodes.append(Source(counter: counter, word: number))
      case .zone(let number): ofZones.append(Source(counter: counter, word: number))
      case nil: break
      }
    }
    (self.ofCPUs, self.ofNodes, self.ofZones) = (ofCPUs, ofNodes, ofZones)

    func event(_ name: String) throws(ReasonsUnavailable) -> Int {
      guard case .event(let number) = arrays[name] else { throw .noCounter(name) }
      return ranges.word(of: number)
    }
    pagesMigrated = try event("pgmigrate_success")
    pagesFailed = try event("pgmigrate_fail")

    eventsRead = ranges.words
    nodeStatsRead = ofNodes.map { $0.word + 1 }.max() ?? 0
    zoneStatsRead = ofZones.map { $0.word + 1 }.max() ?? 0
    guard nodeStatsRead <= PerCPULayout.nodeStats else { throw .tooLarge("vm_node_stat") }
    guard zoneStatsRead <= PerCPULayout.zoneStats else { throw .tooLarge("vm_zone_stat") }
    constants = [
      cpus, ranges.head.count, ranges.body.lowerBound, ranges.body.count, nodeStatsRead,
      zoneStatsRead,
      arrays.nodeStats, arrays.zoneStats, variables.runqueues, variables.vmEventStates,
    ].map { UInt32($0) }
  }
}

/// Which events are read: whole cache lines, in two ranges with the widest gap between.
struct EventRanges: Equatable {
  /// Begins with the first line, which the kernel hands over first when a CPU goes offline.
  let head: Range<Int>
  let body: Range<Int>

  /// - Parameters:
  ///   - events: those that are asked for.
  ///   - count: of all. Nothing is read behind the last.
  init(of events: [Int], count: Int) {
    let lines = Set([0] + events.map { $0 / PerCPULayout.eventsPerLine }).sorted()
    let gaps = zip(lines, lines.dropFirst()).map { $1 - $0 }
    let widest = gaps.indices.max { gaps[$0] < gaps[$1] }
    let end = Self.firstEvent(lines.last! + 1, count)
    head = 0..<(widest.map { Self.firstEvent(lines[$0] + 1, count) } ?? end)
    body = (widest.map { Self.firstEvent(lines[$0 + 1], count) } ?? end)..<end
  }

  private static func firstEvent(_ line: Int, _ count: Int) -> Int {
    min(line * PerCPULayout.eventsPerLine, count)
  }

  /// How many are read of a CPU.
  var words: Int { head.count + body.count }

  /// Where an event is then.
  func word(of event: Int) -> Int {
    head.contains(event) ? event : head.count + event - body.lowerBound
  }
}
