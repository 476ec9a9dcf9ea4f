internal import Glibc

/// What the C library knows of this machine and process.
package enum Machine {
  /// The size of a base page in bytes: 4096, 16384 or 65536.
  package static var pageSize: UInt64 { UInt64(sysconf(CInt(_SC_PAGESIZE))) }

  /// How many CPUs the machine may have, those that are offline among them.
  package static var possibleCPUs: Int { max(sysconf(CInt(_SC_NPROCESSORS_CONF)), 1) }

  /// How long so many clock ticks of `/proc/PID/stat` are, to the millisecond.
  package static func duration(ofTicks ticks: UInt64) -> Duration {
    let perSecond = UInt64(sysconf(CInt(_SC_CLK_TCK)))
    return .seconds(Int64(clamping: ticks / perSecond))
      + .milliseconds(Int64(clamping: ticks % perSecond * 1000 / perSecond))
  }

  /// The number of the user that this process runs as; root is 0.
  package static var user: UInt32 { geteuid() }

  /// How many descriptors this process may have open. Nil where there is no limit.
  package static var descriptorLimit: UInt64? {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
      limit.rlim_cur != .max  // RLIM_INFINITY
    else { return nil }
    return UInt64(limit.rlim_cur)
  }
}
