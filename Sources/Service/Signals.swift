internal import Glibc
internal import System

/// SIGTERM, SIGINT and SIGHUP, taken by one thread that waits for them.
package struct Signals {
  private var set = sigset_t()

  package enum Arrived: Equatable {
    /// SIGHUP: what was read from files at the start is to be read again.
    case reload
    case stop(String)
  }

  /// Blocks these signals for this thread and those that it starts: to be called before there are any.
  package init() {
    unsafe sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Returns the next signal that comes. After one that stops, the next one ends the program at once.
  ///
  /// - Parameter pause: where none comes for so long, `idle` is called, once.
  package func wait(pause: Duration? = nil, idle: () -> Void = {}) -> Arrived {
    var number: CInt = -1
    if let pause {
      var time = timespec(pause)
      number = unsafe withUnsafePointer(to: set) { unsafe sigtimedwait($0, nil, &time) }
      if number < 0 { idle() }
    }
    if number < 0 { unsafe withUnsafePointer(to: set) { _ = unsafe sigwait($0, &number) } }
    guard number != SIGHUP else { return .reload }
    var ending = sigset_t()
    unsafe sigemptyset(&ending)
    for number in [SIGTERM, SIGINT] { unsafe sigaddset(&ending, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &ending, nil)
    return .stop(number == SIGINT ? "SIGINT" : "SIGTERM")
  }
}
