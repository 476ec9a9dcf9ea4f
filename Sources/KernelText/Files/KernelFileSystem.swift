internal import CLinux
internal import Glibc

/// Whether the kernel makes the file's text when it is read.
func isOnKernelFileSystem(_ descriptor: CInt) -> Bool {
  var status = statfs()
  guard unsafe fstatfs(descriptor, &status) == 0 else { return false }
  let kernels = [
    PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP2_SUPER_MAGIC, TRACEFS_MAGIC, DEBUGFS_MAGIC,
  ]
  return kernels.contains { Int($0) == Int(status.f_type) }
}
