internal import Glibc

/// Where the kernel's file systems are mounted. A copied tree may stand in for any of them.
package struct KernelPaths: Sendable {
  package var procfs: String
  package var sysfs: String
  package var cgroupfs: String
  package var tracefs: String

  package init(
    procfs: String = "/proc", sysfs: String = "/sys", cgroupfs: String = "/sys/fs/cgroup",
    tracefs: String = "/sys/kernel/tracing"
  ) {
    self.procfs = procfs
    self.sysfs = sysfs
    self.cgroupfs = cgroupfs
    self.tracefs = tracefs
  }

  /// Whether procfs is the running kernel's and no copy of another's.
  package var areThisKernels: Bool {
    let descriptor = unsafe open(procfs, O_RDONLY | O_CLOEXEC | O_DIRECTORY)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return isOnKernelFileSystem(descriptor)
  }
}
