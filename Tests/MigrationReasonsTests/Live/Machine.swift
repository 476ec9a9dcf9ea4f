import Glibc
import MigrationReasons
import TestSupport
import Testing

/// What the live tests need of the machine they run on.
enum Machine {
  static let tracefs = "/sys/kernel/tracing"

  static func tracepoints() throws -> MigrationTracepoints {
    try Tracefs(tracefs).migrationTracepoints()
  }

  static func probe(
    _ attachment: MigrationTracepoints.Attachment = .raw
  ) throws -> MigrationProbe {
    guard attachment == .classic else { return try MigrationProbe(tracefs: tracefs) }
    let tracepoints = try tracepoints()
    return try MigrationProbe(tracepoints, tracepoints.classicPrograms)
  }

  /// The five counters of /proc/vmstat that `migrate_pages()` adds to.
  static func vmstat() throws -> [String: UInt64] {
    let names = [
      "pgmigrate_success", "pgmigrate_fail", "thp_migration_success", "thp_migration_fail",
      "thp_migration_split",
    ]
    let lines = try Files.text("/proc/vmstat").split(separator: "\n")
    return lines.reduce(into: [:]) { counters, line in
      let parts = line.split(separator: " ")
      if names.contains(String(parts[0])) { counters[String(parts[0])] = UInt64(parts[1]) }
    }
  }

  static func compact() throws { try FragmentedMemory.compactAll() }

  /// Writes a value into a file of the kernel's.
  static func tell(_ path: String, _ value: String) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw systemFailure("open \(path)") }
    defer { close(descriptor) }
    guard write(descriptor, value, value.utf8.count) > 0 else {
      throw systemFailure("write \(path)")
    }
  }

  static let lastCPU = Int(sysconf(CInt(_SC_NPROCESSORS_ONLN))) - 1

  /// Does the work on that CPU, and leaves the thread bound to it.
  static func onCPU(_ cpu: Int, _ work: () throws -> Void) throws {
    var mask: UInt64 = 1 << cpu
    guard setAffinity(0, MemoryLayout.size(ofValue: mask), &mask) == 0 else {
      throw systemFailure("choose a CPU")
    }
    try work()
  }

  /// sched_setaffinity(2), which the C library declares only under _GNU_SOURCE.
  private static let setAffinity = unsafeBitCast(
    dlsym(nil, "sched_setaffinity"),
    to: (@convention(c) (pid_t, Int, UnsafeRawPointer) -> CInt).self)
}

extension Need {
  static let rawPrograms = Need(
    isMet: { (try? Machine.tracepoints())?.programs.end == "end_raw_6" },
    reason: "needs a kernel from 6.7 on, whose layout this uses")

  /// Gigantic pages are how the tests ask for contiguous memory.
  static let gigabytePages = Need(
    isMet: { access("/sys/kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", W_OK) == 0 },
    reason: "needs pages of a gigabyte")

  /// Live tests load eBPF programs and provoke migrations, which is root's to do.
  static let liveKernel = Need(
    isMet: {
      geteuid() == 0 && access("/proc/sys/vm/compact_memory", W_OK) == 0
        && Files.exists("\(Machine.tracefs)/events/migrate/mm_migrate_pages/format")
    }, reason: "needs root, CONFIG_COMPACTION and tracefs, which `make test` mounts")
}
