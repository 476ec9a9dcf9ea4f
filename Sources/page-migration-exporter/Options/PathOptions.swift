internal import ArgumentParser
internal import KernelText

struct PathOptions: ParsableArguments {
  @Option(
    name: .customLong("path.procfs"),
    help: ArgumentHelp("Where procfs is mounted.", valueName: "folder"))
  var procfs = "/proc"

  @Option(
    name: .customLong("path.sysfs"),
    help: ArgumentHelp("Where sysfs is mounted.", valueName: "folder"))
  var sysfs = "/sys"

  @Option(
    name: .customLong("path.cgroupfs"),
    help: ArgumentHelp("Where the cgroup file system is mounted.", valueName: "folder"))
  var cgroupfs = "/sys/fs/cgroup"

  var kernel: KernelPaths { KernelPaths(procfs: procfs, sysfs: sysfs, cgroupfs: cgroupfs) }

  /// Without these folders nothing can be exported at all, which is better said at the start.
  func check() throws(StartFailure) {
    for (path, flag) in [(procfs, "--path.procfs"), (sysfs, "--path.sysfs")] {
      do throws(FileError) {
        var numbers: [Int] = []
        var folder = NumberedEntries(in: path, prefix: "")
        try folder.list(into: &numbers)
      } catch {
        throw StartFailure("\(error) (\(flag))")
      }
    }
  }
}

/// For what reads the descriptions of tracepoints.
struct TracefsOptions: ParsableArguments {
  @Option(
    name: .customLong("path.tracefs"),
    help: ArgumentHelp("Where tracefs is mounted.", valueName: "folder"))
  var path = "/sys/kernel/tracing"
}
