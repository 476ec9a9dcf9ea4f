internal import ArgumentParser
internal import PageMigration
internal import Views

struct PlacementCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "placement", abstract: "Show on which NUMA nodes processes have their memory.",
    discussion: """
      From /proc/PID/numa_maps: resident memory in bytes per node, by what it is mapped as. Memory \
      that several processes map counts for each of them. How much is in THPs comes from \
      /proc/PID/smaps, for all nodes together: the kernel does not say how much of it is on which node. Exits with 1 \
      where a process cannot be shown; the others are shown all the same.
      """)

  @Argument(help: ArgumentHelp("Processes, or threads, by number.", valueName: "pid"))
  var pids: [Int]

  @Flag(help: "Write JSON.") var json = false

  @Flag(help: "Show sizes as a person reads them: 1.5 GiB.") var human = false

  @OptionGroup(title: "Paths") var paths: PathOptions

  func validate() throws {
    // PID_MAX_LIMIT of include/linux/threads.h.
    for pid in pids where !(1...4_194_304).contains(pid) {
      throw ValidationError("\(pid) is no process number")
    }
  }

  func run() throws {
    try paths.check()
    let reader = PlacementReader(procfs: paths.procfs, sysfs: paths.sysfs)
    var report = PlacementReport(memoryNodes: reader.memoryNodes)
    for pid in pids {
      do {
        let process = try reader.read(pid)
        report.processes.append(process)
        if let problem = process.smapsProblem {
          Console.say("process \(pid): THPs and shared memory are not told apart: \(problem)")
        }
      } catch {
        report.failures.append((pid, "\(error)"))
        Console.say("process \(pid): \(error)")
      }
    }
    let text = json ? report.json.text + "\n" : report.table(isHuman: human)
    try Console.answer(text)
    if !report.failures.isEmpty { throw ExitCode(1) }
  }
}
