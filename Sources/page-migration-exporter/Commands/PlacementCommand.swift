internal import Arguments
internal import Glibc
internal import PageMigration
internal import System
internal import Views

struct PlacementCommand: Command {
  static let name = "placement"
  static let abstract = "Show on which NUMA nodes processes have their memory."
  static let discussion: String? = """
    From /proc/PID/numa_maps: resident memory in bytes per node and memory tier, by kind of mapping, \
    and the memory policies. From /proc/PID/sched: what NUMA balancing did for the process. Memory \
    that several processes map counts for each of them. How much is in THPs comes from \
    /proc/PID/smaps, for all nodes together: the kernel does not report it per node. Exits with 1 \
    if a process cannot be shown; the others are shown all the same.
    """

  let json: Bool
  let human: Bool
  let watch: Double?
  let count: Int?
  let paths: PathOptions
  let pids: [Int]

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    json = try arguments.flag("json", "Write JSON.")
    human = try arguments.flag("human", "Show human-readable sizes: 1.5 GiB.")
    watch = try arguments.value(
      "watch", "seconds", "Show what moves, a row each time so many seconds have passed.",
      form: "seconds such as 0.5 or 10")
    count = try arguments.value(
      "count", "rows", "Rows of --watch for each process; without it, until SIGINT.")
    paths = try arguments.group("Paths")
    pids = try arguments.requiredOperands(
      "pid", "Processes, or threads, by number.", form: "a process number such as 4711")
    try validate()
  }

  private func validate() throws(UsageError) {
    // PID_MAX_LIMIT of include/linux/threads.h.
    for pid in pids where !(1...4_194_304).contains(pid) {
      throw UsageError("\(pid) is not a process number")
    }
    guard watch.map((1...3600).contains) ?? true else {
      throw UsageError("--watch must be from 1 to 3600 seconds")
    }
    guard count.map({ $0 > 0 }) ?? true, count == nil || watch != nil else {
      throw UsageError("--count is the number of rows for --watch, above 0")
    }
    guard watch == nil || (!json && !human) else {
      throw UsageError("--watch always writes human-readable sizes, and no JSON")
    }
  }

  func run() throws {
    try paths.check()
    let reader = PlacementReader(procfs: paths.procfs, sysfs: paths.sysfs)
    var report = PlacementReport(memoryNodes: reader.memoryNodes, tiers: reader.tiers)
    for pid in pids {
      do {
        let process = try reader.read(pid)
        report.processes.append(process)
        if let problem = process.smapsProblem {
          Console.say("process \(pid): THPs and shared memory cannot be distinguished: \(problem)")
        }
      } catch {
        report.failures.append((pid, "\(error)"))
        Console.say("process \(pid): \(error)")
      }
    }
    if let watch, !report.processes.isEmpty {
      try follow(report, reader, each: .seconds(watch))
      if !report.failures.isEmpty { throw ExitCode(1) }
      return
    }
    let text = json ? report.json.text + "\n" : report.table(isHuman: human)
    try Console.answer(text)
    if !report.failures.isEmpty { throw ExitCode(1) }
  }

  /// Until all have ended, or the rows are there.
  private func follow(
    _ report: PlacementReport, _ reader: PlacementReader, each interval: Duration
  ) throws {
    // Nothing has to be tidied up, so both signals end it at once, whatever it waits for.
    signal(SIGINT, endAtOnce)
    signal(SIGTERM, endAtOnce)
    let table = PlacementWatchTable(report)
    guard try Console.answer(table.header) else { return }
    var last = report.processes
    for process in last {
      let time = UnixTime.now.localTimeOfDay(tenths: false)
      guard try Console.answer(table.row(time: time, process, since: nil)) else { return }
    }
    var schedule = SamplingSchedule(start: .now, interval: interval)
    var rows = 1
    while !last.isEmpty, count.map({ rows < $0 }) ?? true {
      _ = schedule.advance(past: .now)
      schedule.deadline.sleep()
      var now: [PlacementReader.Process] = []
      for before in last {
        do {
          let process = try reader.read(before.pid)
          now.append(process)
          let time = UnixTime.now.localTimeOfDay(tenths: false)
          guard try Console.answer(table.row(time: time, process, since: before)) else { return }
        } catch let failure as StartFailure {
          throw failure
        } catch {
          Console.say("process \(before.pid): \(error)")
        }
      }
      last = now
      rows += 1
    }
  }
}

private func endAtOnce(_: CInt) { _exit(0) }
