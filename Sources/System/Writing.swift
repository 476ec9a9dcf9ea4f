internal import Glibc

/// Writes all of `text`, whatever the descriptor takes at a time.
package func writeAll(_ text: String, to descriptor: CInt) throws(Errno) {
  try writeAll(Array(text.utf8), to: descriptor)
}

/// Writes all of `bytes`, whatever the descriptor takes at a time.
package func writeAll(_ bytes: [UInt8], to descriptor: CInt) throws(Errno) {
  var written = 0
  while written < bytes.count {
    written += try valueOrErrno {
      unsafe bytes.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written)
      }
    }
  }
}

/// A file that its readers see whole, as it was or as it is now: the new text is written beside it and
/// then takes its name (rename(2)).
///
/// A link leads to the file that is replaced. What is no regular file, such as `/dev/stdout` or a FIFO,
/// is written to, and stays.
package enum ReplacedFile {
  package static func write(_ bytes: [UInt8], to path: String) throws(Errno) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return try replace(bytes, path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let descriptor = CInt(try valueOrErrno { Int(unsafe open(path, O_WRONLY | O_CLOEXEC)) })
      defer { close(descriptor) }
      return try writeAll(bytes, to: descriptor)
    }
    guard let file = unsafe realpath(path, nil) else { throw Errno.last }
    defer { unsafe free(file) }
    try replace(bytes, unsafe String(cString: file))
  }

  private static func replace(_ bytes: [UInt8], _ path: String) throws(Errno) {
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    // Hidden, and without the ending that node_exporter looks for.
    let new = "\(path[..<slash]).\(path[slash...]).\(getpid())"
    do throws(Errno) {
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
      // One that had our number and was killed: in a container, the one before.
      unsafe unlink(new)
      let descriptor = CInt(try valueOrErrno { Int(unsafe open(new, flags, 0o644)) })
      defer { close(descriptor) }
      try writeAll(bytes, to: descriptor)
      _ = try valueOrErrno { Int(unsafe rename(new, path)) }
    } catch {
      unsafe unlink(new)
      throw error
    }
  }
}
