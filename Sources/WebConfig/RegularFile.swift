internal import Glibc
internal import System

/// Files that a person wrote: read whole, and not above a size.
package enum RegularFile {
  package static let sizeLimit = 1 << 20

  /// - Throws: words that follow the file's name: `Permission denied`, `not a regular file`.
  package static func bytes(_ path: String) throws(UnreadableFile) -> [UInt8] {
    // A FIFO would be waited for, were it not for O_NONBLOCK.
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw UnreadableFile("\(Errno.last)") }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw UnreadableFile("\(Errno.last)") }
    guard status.st_mode & S_IFMT == S_IFREG else { throw UnreadableFile("not a regular file") }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while bytes.count <= sizeLimit {
      let count: Int
      do throws(Errno) {
        count = try valueOrErrno { unsafe read(descriptor, &chunk, chunk.count) }
      } catch {
        throw UnreadableFile("\(error)")
      }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
    }
    throw UnreadableFile("larger than \(sizeLimit >> 20) MiB")
  }
}

package struct UnreadableFile: Error, Hashable, Sendable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}
