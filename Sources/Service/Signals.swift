internal import Glibc
internal import System

/// SIGTERM, SIGINT and SIGHUP, taken by one thread that waits for them.
package struct Signals {
  /// A second signal to end within this time after the first is the same wish: who stops a service may
  /// signal both the process and its group.
  private static let repeatTime = Duration.milliseconds(100)

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

  /// Whether who started the program has it go on when its terminal is gone, as nohup(1) does.
  package static var hangUpIsIgnored: Bool {
    var action = sigaction()
    unsafe sigaction(SIGHUP, nil, &action)
    return unsafe unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }

  /// Returns the next signal that comes. After one that stops, the next one ends the program at once, but
  /// for one that comes together with the first.
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
    do throws(Errno) {
      try startThread("signals") {
        Self.letNextEnd()
        // The kernel gives a signal to a thread that does not block it.
        while true { Glibc.pause() }
      }
    } catch {
      Self.letNextEnd()
    }
    return .stop(number == SIGINT ? "SIGINT" : "SIGTERM")
  }

  private static func letNextEnd() {
    (MonotonicTime.now + repeatTime).sleep()
    var ending = sigset_t()
    unsafe sigemptyset(&ending)
    for number in [SIGTERM, SIGINT] { unsafe sigaddset(&ending, number) }
    var noTime = timespec()
    while unsafe sigtimedwait(&ending, nil, &noTime) > 0 {}
    unsafe pthread_sigmask(SIG_UNBLOCK, &ending, nil)
  }
}
