internal import Glibc

/// SIGTERM and SIGINT, taken by one thread that waits for them.
struct StopSignals {
  private var set = sigset_t()

  /// Blocks both signals for this thread and those that it starts: to be called before there are any.
  init() {
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGTERM)
    unsafe sigaddset(&set, SIGINT)
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Returns the name of the first signal that comes. The next one ends the program at once.
  func wait() -> String {
    var number: CInt = 0
    unsafe withUnsafePointer(to: set) { _ = unsafe sigwait($0, &number) }
    unsafe withUnsafePointer(to: set) { _ = unsafe pthread_sigmask(SIG_UNBLOCK, $0, nil) }
    return number == SIGINT ? "SIGINT" : "SIGTERM"
  }
}
