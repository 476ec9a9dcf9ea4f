internal import Glibc
internal import System
internal import Views

/// Standard output and standard error, and what they are connected to.
enum Console {
  /// Says a line on standard error, in the program's name. What it cites, such as the name of a cgroup,
  /// is somebody else's.
  static func say(_ line: String) {
    _ = try? writeAll("page-migration-exporter: \(printable(line))\n", to: STDERR_FILENO)
  }

  /// Writes all of an answer to standard output. A reader who has gone, as in `print | head -1`, is
  /// none of our troubles.
  ///
  /// - Returns: false where nobody reads any more.
  @discardableResult
  static func answer(_ text: String) throws(StartFailure) -> Bool {
    try answer(Array(text.utf8))
  }

  @discardableResult
  static func answer(_ bytes: [UInt8]) throws(StartFailure) -> Bool {
    do throws(Errno) {
      try writeAll(bytes, to: STDOUT_FILENO)
      return true
    } catch {
      if error.number == EPIPE { return false }
      throw StartFailure("cannot write to standard output: \(error)")
    }
  }

  /// Whether a short text can be written to standard output without waiting for who reads it.
  static var isReadyForMore: Bool {
    var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
    return unsafe poll(&output, 1, 0) > 0 && Int32(output.revents) & POLLOUT != 0
  }

  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Columns and rows of the terminal. Nil where there is none, or it does not say.
  static var size: (width: Int, height: Int)? {
    var size = winsize()
    guard isTerminal, unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0,
      size.ws_col > 0
    else { return nil }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// A terminal that shows colours, and a person who has not asked for none (no-color.org).
  static var wantsColour: Bool {
    isTerminal && (variable("NO_COLOR") ?? "").isEmpty && variable("TERM") != "dumb"
  }

  private static func variable(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
