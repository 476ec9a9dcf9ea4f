internal import Glibc

/// A file of the kernel that could not be read, in the words that a person can act on:
/// `cannot open /proc/vmstat: Permission denied`.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Operation: String, Sendable {
    case open, read, list
  }

  package let operation: Operation
  package let path: String
  /// The number that the C library left in `errno`.
  package let number: CInt

  package init(_ operation: Operation, _ path: String, _ number: CInt) {
    self.operation = operation
    self.path = path
    self.number = number
  }

  /// The file does not exist, or its device went away while it was being read.
  package var meansGone: Bool {
    number == ENOENT || number == ENODEV || number == ENOTDIR
  }

  /// This process may not read the file.
  package var meansNotPermitted: Bool { number == EACCES || number == EPERM }

  /// The process that the file is about has ended, or has no memory of its own.
  package var meansNoProcess: Bool { number == ESRCH }

  package var description: String {
    "cannot \(operation.rawValue) \(path): \(String(cString: strerror(number)))"
  }
}
