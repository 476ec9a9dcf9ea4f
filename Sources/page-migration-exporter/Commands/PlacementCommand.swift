internal import ArgumentParser
internal import Glibc
internal import KernelText
internal import PageMigration

struct PlacementCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "placement", abstract: "Show on which NUMA nodes processes have their memory.",
    discussion: """
      From /proc/PID/numa_maps: resident memory in bytes per node, by what it is mapped as. Memory \
      that several processes map counts for each of them. How much is in THPs comes from \
      /proc/PID/smaps, for all nodes together: the kernel does not tell it per node. Exits with 1 \
      where a process cannot be shown; the others are shown all the same.
      """)

  @Argument(help: ArgumentHelp("Processes, or threads, by number.", valueName: "pid"))
  var pids: [Int]

  @Flag(help: "Write JSON.") var json = false

  @OptionGroup(title: "Paths") var paths: PathOptions

  func validate() throws {
    // PID_MAX_LIMIT of include/linux/threads.h.
    for pid in pids where !(1...4_194_304).contains(pid) {
      throw ValidationError("\(pid) is no process number")
    }
  }

  func run() throws {
    try paths.check()
    let reader = PlacementReader(procfs: paths.procfs)
    var report = PlacementReport(memoryNodes: memoryNodes())
    for pid in pids {
      do {
        let process = try reader.read(pid)
        report.processes.append(process)
        if let problem = process.hugeProblem {
          say("process \(pid): THPs and shared memory are not told apart: \(problem)")
        }
      } catch {
        report.failures.append((pid, "\(error)"))
        say("process \(pid): \(error)")
      }
    }
    let text = json ? report.json.text + "\n" : report.table
    guard writeAll(text, to: STDOUT_FILENO) else {
      throw StartFailure("cannot write to standard output: \(String(cString: strerror(errno)))")
    }
    if !report.failures.isEmpty { throw ExitCode(1) }
  }

  /// Those that the kernel lists; empty where it does not.
  private func memoryNodes() -> [Int] {
    var file = SingleValueFile("\(paths.sysfs)/devices/system/node/has_memory")
    var buffer = [UInt8](repeating: 0, count: 256)
    let list = try? file.read(using: &buffer, NumberList.init)
    // MAX_NUMNODES is 1024 at most (include/linux/numa.h).
    return list?.numbers(upTo: 1023) ?? []
  }

  private func say(_ line: String) {
    writeAll("page-migration-exporter: \(line)\n", to: STDERR_FILENO)
  }
}
