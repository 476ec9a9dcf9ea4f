internal import Glibc
package import System

/// A file of the kernel that could not be read, in the words that a person can act on:
/// `cannot open /proc/vmstat: Permission denied`.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Operation: String, Sendable {
    case open, read, list
  }

  package let operation: Operation
  package let path: String
  package let errno: Errno

  package init(_ operation: Operation, _ path: String, _ errno: Errno) {
    self.operation = operation
    self.path = path
    self.errno = errno
  }

  package init(_ operation: Operation, _ path: String, _ number: CInt) {
    self.init(operation, path, Errno(number))
  }

  /// The file does not exist, or its device went away while it was being read.
  package var meansGone: Bool {
    [ENOENT, ENODEV, ENOTDIR].contains(errno.number)
  }

  /// This process may not read the file.
  package var meansNotPermitted: Bool { [EACCES, EPERM].contains(errno.number) }

  /// The process that the file is about has ended, or has no memory of its own.
  package var meansNoProcess: Bool { errno.number == ESRCH }

  package var description: String {
    // A FIFO says that it cannot be read from the beginning again.
    "cannot \(operation.rawValue) \(path): "
      + (errno.number == ESPIPE ? "not a regular file" : "\(errno)")
  }
}
