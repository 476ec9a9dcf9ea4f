/// Where `percpu.bpf.c` puts what it reads: its `struct totals` and `struct cpu_events`, in words of 64
/// bits. Change both.
enum PerCPULayout {
  static let eventsPerLine = 8
  static let lines = 24
  static let nodeStats = 96
  static let zoneStats = 16

  // Words of the totals.
  static let node = lines * eventsPerLine
  static let zone = node + nodeStats
  static let cpusRead = zone + zoneStats
  static let cpusGone = cpusRead + 1
  static let words = cpusGone + 1

  // Words of each CPU.
  static let pagesMigrated = 0
  static let pagesFailed = 1
  static let wordsPerCPU = 4

  static let cpusMax = 8192
}

/// What `percpu.bpf.c` is to read for some counters: its constants, and the words where each is then.
struct PerCPUSettings: Equatable {
  /// `settings` of the program.
  let constants: [UInt32]
  /// Of each counter that was asked for. Nil where the kernel has none.
  let words: [Int?]

  /// - Throws: the name of what there is no room for.
  init(_ arrays: VmstatArrays, _ counters: [String], cpus: Int) throws(ReasonsUnavailable) {
    let places = counters.map { arrays[$0] }
    // The kernel hands over the events of a CPU that goes beginning with the first line: so that is read.
    var lines: Set<Int> = [0]
    for case .event(let event) in places { lines.insert(event / PerCPULayout.eventsPerLine) }
    let rising = lines.sorted()
    guard rising.count <= PerCPULayout.lines, cpus <= PerCPULayout.cpusMax else {
      throw .tooLarge(rising.count <= PerCPULayout.lines ? "\(cpus) CPUs" : "vmstat")
    }

    func word(of place: VmstatArrays.Place) throws(ReasonsUnavailable) -> Int {
      switch place {
      case .event(let event):
        let line = rising.firstIndex(of: event / PerCPULayout.eventsPerLine)!
        return line * PerCPULayout.eventsPerLine + event % PerCPULayout.eventsPerLine
      case .node(let number):
        guard number < PerCPULayout.nodeStats else { throw .tooLarge("vm_node_stat") }
        return PerCPULayout.node + number
      case .zone(let number):
        guard number < PerCPULayout.zoneStats else { throw .tooLarge("vm_zone_stat") }
        return PerCPULayout.zone + number
      }
    }
    var words: [Int?] = []
    for place in places { words.append(try place.map(word)) }
    self.words = words

    func event(_ name: String) throws(ReasonsUnavailable) -> Int {
      guard let place = arrays[name], case .event = place else { throw .noCounter(name) }
      return try word(of: place)
    }
    let firstEvents = rising.map { $0 * PerCPULayout.eventsPerLine }
    let padding = Array(repeating: 0, count: PerCPULayout.lines - rising.count)
    /// How far into an array the counters reach that lie from one word to another.
    func extent(_ range: Range<Int>) -> Int {
      words.compactMap { $0 }.filter(range.contains).max().map { $0 - range.lowerBound + 1 } ?? 0
    }
    let moves = [try event("pgmigrate_success"), try event("pgmigrate_fail")]
    let extents = [
      extent(PerCPULayout.node..<PerCPULayout.zone),
      extent(PerCPULayout.zone..<PerCPULayout.cpusRead),
    ]
    constants = ([cpus, rising.count] + firstEvents + padding + moves + extents).map { UInt32($0) }
  }
}
