internal import Arguments
internal import KernelText

struct PathOptions: ArgumentGroup {
  let procfs: String
  let sysfs: String
  let cgroupfs: String

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    procfs = try arguments.value(
      "path.procfs", "folder", standard: "/proc", "Where procfs is mounted.")
    sysfs = try arguments.value("path.sysfs", "folder", standard: "/sys", "Where sysfs is mounted.")
    cgroupfs = try arguments.value(
      "path.cgroupfs", "folder", standard: "/sys/fs/cgroup",
      "Where the cgroup file system is mounted.")
  }

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
struct TracefsOptions: ArgumentGroup {
  let path: String

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    path = try arguments.value(
      "path.tracefs", "folder", standard: "/sys/kernel/tracing", "Where tracefs is mounted.")
  }
}
