#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#endif

/// The kernel's file system of tracepoints, where it is mounted. The program itself mounts nothing.
struct Tracefs {
  /// Usually `/sys/kernel/tracing`.
  let path: String

  func migrationTracepoints() throws(ReasonsUnavailable) -> MigrationTracepoints {
    guard let end = try format("migrate/mm_migrate_pages") else { throw absence }
    let start = try format("migrate/mm_migrate_pages_start")
    do {
      return try MigrationTracepoints(end: end, start: start)
    } catch {
      throw .malformedFormat(path: formatPath("migrate/mm_migrate_pages"), problem: error.problem)
    }
  }

  /// Nil if the kernel has no such tracepoint.
  private func format(_ event: String) throws(ReasonsUnavailable) -> TracepointFormat? {
    guard let text = try textFile(formatPath(event)) else { return nil }
    do {
      return try TracepointFormat(parsing: text)
    } catch {
      throw .malformedFormat(path: formatPath(event), problem: error.problem)
    }
  }

  private func formatPath(_ event: String) -> String { "\(path)/events/\(event)/format" }

  private var absence: ReasonsUnavailable {
    unsafe access("\(path)/events", F_OK) == 0 ? .noTracepoint : .noTracefs(path: path)
  }
}
