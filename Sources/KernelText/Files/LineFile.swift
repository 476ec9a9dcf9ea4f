internal import Glibc
internal import System

/// A file of the kernel that may be large, read line by line: the mappings of a process.
package enum LineFile {
  /// A path in such a file has 4096 bytes at most, each written with up to 4.
  package static let lineLimit = 64 << 10

  /// What is read of a file at most, in bytes, so that an endless one ends. A line of `numa_maps` has
  /// about 100 bytes: these are more than a million mappings, the highest vm.max_map_count that
  /// distributions set.
  package static let sizeLimit = 256 << 20

  /// Calls `body` with each line, without its newline.
  ///
  /// - Parameter limit: how many bytes the file may have.
  /// - Throws: ``FileError``, with EFBIG for a file that is too large; ``MalformedFile`` for the line
  ///   at which `body` throws, and for a last line without a newline, as digits may be missing.
  package static func forEachLine(
    of path: String, sizeLimit limit: Int = sizeLimit,
    _ body: (_ line: Span<UInt8>) throws(MalformedLine.Problem) -> Void
  ) throws {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError(.open, path, errno) }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: lineLimit)
    var (count, number, total) = (0, 1, 0)
    while true {
      let got: Int
      do throws(Errno) {
        got = try valueOrErrno {
          unsafe buffer.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress! + count, $0.count - count)
          }
        }
      } catch {
        throw FileError(.read, path, error)
      }
      count += got
      total += got
      guard total <= limit else { throw FileError(.read, path, EFBIG) }
      var start = 0
      while let end = buffer[start..<count].firstIndex(of: UInt8(ascii: "\n")) {
        try call(body, buffer.span.extracting(start..<end), path, number)
        start = end + 1
        number += 1
      }
      if got == 0 {
        guard start == count else {
          throw MalformedFile(path, MalformedLine(number: number, problem: .unfinished))
        }
        return
      }
      guard start > 0 || count < lineLimit else {
        throw MalformedFile(path, MalformedLine(number: number, problem: .tooLong))
      }
      buffer.replaceSubrange(0..<(count - start), with: buffer[start..<count])
      count -= start
    }
  }

  private static func call(
    _ body: (Span<UInt8>) throws(MalformedLine.Problem) -> Void, _ line: Span<UInt8>,
    _ path: String, _ number: Int
  ) throws(MalformedFile) {
    do throws(MalformedLine.Problem) {
      try body(line)
    } catch {
      throw MalformedFile(path, MalformedLine(number: number, problem: error))
    }
  }
}
