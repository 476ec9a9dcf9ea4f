internal import Glibc
internal import System

/// A file that its readers see whole, as it was or as it is now: the new text is written beside it and
/// then takes its name (rename(2)).
enum ReplacedFile {
  static func write(_ bytes: [UInt8], to path: String) throws(StartFailure) {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    // Hidden, and without the ending that node_exporter looks for.
    let new = "\(path[..<slash]).\(path[slash...]).\(getpid())"
    do throws(Errno) {
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
      let descriptor = CInt(try valueOrErrno { Int(unsafe open(new, flags, 0o644)) })
      defer { close(descriptor) }
      try writeAll(bytes, to: descriptor)
      _ = try valueOrErrno { Int(unsafe rename(new, path)) }
    } catch {
      unsafe unlink(new)
      throw StartFailure("cannot write \(path): \(error)")
    }
  }
}
