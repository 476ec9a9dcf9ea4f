internal import Glibc

/// What the C library knows of this machine and process.
package enum Machine {
  /// The size of a base page in bytes: 4096, 16384 or 65536.
  package static var pageSize: UInt64 { UInt64(sysconf(CInt(_SC_PAGESIZE))) }

  /// How many clock ticks a second has in `/proc/PID/stat`.
  package static var clockTicksPerSecond: UInt64 { UInt64(sysconf(CInt(_SC_CLK_TCK))) }

  /// How many descriptors this process may have open. Nil where there is no limit.
  package static var descriptorLimit: UInt64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur != .max  // RLIM_INFINITY
    else { return nil }
    return UInt64(limit.rlim_cur)
  }
}
