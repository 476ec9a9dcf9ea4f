package import System

/// Reports to the service manager that the program is alive, for as long as it would answer a scrape:
/// where it is stuck or stopped, the manager hears nothing and starts it anew.
package struct Watchdog: Sendable {
  private let manager: ServiceManager
  private let isAlive: @Sendable (Duration) -> Bool
  private let isStuck: @Sendable () -> Void

  /// - Parameters:
  ///   - isAlive: whether a scrape would be answered, found out within this time.
  ///   - isStuck: called once whenever none would be.
  package init(
    _ manager: ServiceManager, isAlive: @escaping @Sendable (Duration) -> Bool,
    isStuck: @escaping @Sendable () -> Void
  ) {
    (self.manager, self.isAlive, self.isStuck) = (manager, isAlive, isStuck)
  }

  /// Starts it where the manager asks for it.
  package func start() throws(Errno) {
    guard let time = manager.watchdogTime else { return }
    try startThread("watchdog") { [self] in
      // Twice in its time, as sd_watchdog_enabled(3) advises, so that one word may be late.
      let interval = time / 2
      var hasFailed = false
      while true {
        let begin = MonotonicTime.now
        if isAlive(interval / 2) {
          manager.isAlive()
          hasFailed = false
        } else if !hasFailed {
          isStuck()
          hasFailed = true
        }
        (begin + interval).sleep()
      }
    }
  }
}
