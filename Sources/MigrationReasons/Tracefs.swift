internal import CLinux
internal import Glibc
internal import KernelText

/// The kernel's file system of tracepoints, where it is mounted. The program itself mounts nothing.
package struct Tracefs {
  /// Usually `/sys/kernel/tracing`.
  private let path: String

  package init(_ path: String) {
    self.path = path
  }

  /// What the `format` files of the two tracepoints say.
  package func migrationTracepoints() throws(ReasonsUnavailable) -> MigrationTracepoints {
    let endPath = formatPath("mm_migrate_pages")
    guard let end = try format(endPath) else { throw absence }
    let start = try format(formatPath("mm_migrate_pages_start"))
    do throws(MalformedFormat) {
      return try MigrationTracepoints(end: end, start: start)
    } catch {
      throw .malformedFormat(path: endPath, problem: error.problem)
    }
  }

  /// Whether the running kernel is the one that speaks here: a copied tree would tell of another's
  /// arguments, and they would be counted as what they are not.
  var isKernels: Bool {
    var status = statfs()
    return unsafe statfs(path, &status) == 0 && Int(status.f_type) == Int(TRACEFS_MAGIC)
  }

  private func formatPath(_ event: String) -> String { "\(path)/events/migrate/\(event)/format" }

  /// Nil if the kernel has no such tracepoint.
  private func format(_ path: String) throws(ReasonsUnavailable) -> TracepointFormat? {
    guard let text = try text(path) else { return nil }
    do throws(MalformedFormat) {
      return try TracepointFormat(parsing: text)
    } catch {
      throw .malformedFormat(path: path, problem: error.problem)
    }
  }

  /// Nil if there is no such file.
  private func text(_ path: String) throws(ReasonsUnavailable) -> String? {
    do throws(FileError) {
      return try wholeText(path)
    } catch {
      if error.meansGone { return nil }
      throw .unreadable(error)
    }
  }

  private var absence: ReasonsUnavailable {
    unsafe access("\(path)/events", F_OK) == 0 ? .noTracepoint : .noTracefs(path: path)
  }
}

/// A file that is read once, at the start.
func wholeText(_ path: String) throws(FileError) -> String {
  var file = PseudoFile(path)
  var buffer: [UInt8] = []
  let count = try file.read(into: &buffer)
  return String(decoding: buffer[..<count], as: UTF8.self)
}
