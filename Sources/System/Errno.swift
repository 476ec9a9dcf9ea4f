internal import Glibc

/// What a system call left in `errno`, and its words: `Permission denied`.
package struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
  package let number: CInt

  package init(_ number: CInt) { self.number = number }

  /// That of this thread's last failed call.
  package static var last: Errno { Errno(errno) }

  package var description: String { unsafe String(cString: strerror(number)) }
}

/// The result of a system call that gives −1 for a failure, made again while signals interrupt it.
package func valueOrErrno(_ call: () -> Int) throws(Errno) -> Int {
  while true {
    let value = call()
    if value != -1 { return value }
    if errno != EINTR { throw Errno.last }
  }
}
