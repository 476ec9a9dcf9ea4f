internal import Glibc
internal import System

/// A file of `/proc`, `/sys` or a cgroup that is read again and again.
///
/// On the kernel's own file systems it stays open: each read starts at the beginning, where the
/// kernel makes the text anew. On any other file system (a copied tree) it is opened for each
/// read, because there a file may be replaced by another of the same name.
///
/// The size that `stat` gives for such a file is wrong, so none is asked for.
package struct PseudoFile: ~Copyable, Sendable {
  /// More than any of these files holds (`/proc/vmstat` has about 4 KiB): a larger one is refused.
  package static let sizeLimit = 1 << 20

  package let path: String
  private var descriptor: CInt = -1
  private let keepsOpen: Bool

  /// - Parameter keepsOpen: false where there may be more files than descriptors.
  package init(_ path: String, keepsOpen: Bool = true) {
    self.path = path
    self.keepsOpen = keepsOpen
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Reads the whole file to the start of `buffer`, which grows as needed and is never shrunk.
  ///
  /// One read(2) of a seq_file gives at most about 4 KiB, so this goes on to the end of the file;
  /// the offsets are those where the kernel stopped, which spares it from starting over.
  ///
  /// - Returns: how many bytes of `buffer` are the file's.
  package mutating func read(into buffer: inout [UInt8]) throws(FileError) -> Int {
    try read(into: &buffer, until: .endOfFile)
  }

  /// Reads a file that holds a single line, such as a sysctl, with one read(2).
  ///
  /// The kernel allocates as many bytes as are asked for, so `buffer` should be small.
  package mutating func readLine(into buffer: inout [UInt8]) throws(FileError) -> Int {
    try read(into: &buffer, until: .endOfLine)
  }

  /// Reads the file up to the end of the line that begins with a name and a space, or to its end where
  /// there is no such line. What stands behind it is not asked for: the kernel would make it for nothing.
  ///
  /// On other file systems than the kernel's own the whole file is read: its writer may be at work.
  ///
  /// - Parameter name: not empty.
  package mutating func read(
    into buffer: inout [UInt8], throughLine name: [UInt8]
  ) throws(FileError) -> Int {
    try read(into: &buffer, until: .line(name))
  }

  private enum End {
    case endOfFile, endOfLine
    case line([UInt8])
  }

  private mutating func read(
    into buffer: inout [UInt8], until end: End
  ) throws(FileError) -> Int {
    var wasOpen = descriptor >= 0
    try openIfNeeded()
    var count = 0
    while true {
      guard count < buffer.count || grow(&buffer) else {
        closeNow()
        throw FileError(.read, path, EFBIG)
      }
      let got: Int
      do throws(Errno) {
        got = try readSome(into: &buffer, at: count)
      } catch {
        closeNow()
        guard error.number == ENODEV, wasOpen else { throw FileError(.read, path, error) }
        // What it belongs to went away since the last read, and may have come back.
        wasOpen = false
        count = 0
        try openIfNeeded()
        continue
      }
      count += got
      if got == 0 { break }
      if case .endOfLine = end, buffer[count - 1] == UInt8(ascii: "\n") { break }
      if case .line(let name) = end, staysOpen,
        let found = lineEnd(name, in: buffer, from: count - got, to: count)
      {
        count = found
        break
      }
    }
    if !staysOpen { closeNow() }
    return count
  }

  private func readSome(into buffer: inout [UInt8], at offset: Int) throws(Errno) -> Int {
    try valueOrErrno {
      unsafe buffer.withUnsafeMutableBytes {
        unsafe pread(
          descriptor, $0.baseAddress! + offset, $0.count - offset, off_t(offset))
      }
    }
  }

  /// The end of the line that begins with `name`, where it is among the bytes that came last. It is
  /// looked for from behind.
  private func lineEnd(
    _ name: [UInt8], in buffer: [UInt8], from begin: Int, to end: Int
  ) -> Int? {
    // The kernel gives whole lines: one that begins here has its beginning here.
    let text = buffer.span.extracting(begin..<end)
    guard var newline = text.lastNewline(before: text.count) else { return nil }
    while true {
      let before = text.lastNewline(before: newline)
      let start = before.map { $0 + 1 } ?? 0
      if newline - start > name.count, text[start + name.count] == UInt8(ascii: " "),
        text.extracting(start..<start + name.count).equals(name.span)
      {
        return begin + newline + 1
      }
      guard let before else { return nil }
      newline = before
    }
  }

  private var staysOpen = false

  private mutating func openIfNeeded() throws(FileError) {
    guard descriptor < 0 else { return }
    // O_NONBLOCK: a FIFO in the file's place must not hold up a scrape. withCString, unlike an implicit
    // conversion, makes no copy on the heap.
    descriptor = unsafe path.withCString { unsafe open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
    guard descriptor >= 0 else { throw FileError(.open, path, errno) }
    staysOpen = keepsOpen && isOnKernelFileSystem(descriptor)
  }

  private mutating func closeNow() {
    close(descriptor)
    descriptor = -1
  }

  /// False where the file is too large.
  private func grow(_ buffer: inout [UInt8]) -> Bool {
    guard buffer.count < Self.sizeLimit else { return false }
    buffer.append(contentsOf: repeatElement(0, count: max(buffer.count, 128)))
    return true
  }
}
