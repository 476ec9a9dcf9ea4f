internal import Glibc

/// SIGTERM and SIGINT, taken by one thread that waits for them.
struct StopSignals {
  private var set = sigset_t()

  /// Blocks both signals for this thread and those that it starts: to be called before any is.
  init() {
    sigemptyset(&set)
    sigaddset(&set, SIGTERM)
    sigaddset(&set, SIGINT)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Returns the name of the first signal that comes. The next one ends the program at once.
  func wait() -> String {
    var number: CInt = 0
    withUnsafePointer(to: set) { _ = sigwait($0, &number) }
    withUnsafePointer(to: set) { _ = pthread_sigmask(SIG_UNBLOCK, $0, nil) }
    return number == SIGINT ? "SIGINT" : "SIGTERM"
  }
}
