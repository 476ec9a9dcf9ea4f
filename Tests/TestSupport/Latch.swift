import Synchronization
import System

/// A door that is opened once.
package final class Latch: Sendable {
  private let monitor = Monitor()
  private let isOpen = Mutex(false)

  package init() {}

  package func wait() {
    monitor.lock()
    while !isOpen.withLock({ $0 }) { monitor.wait(until: .now + .milliseconds(50)) }
    monitor.unlock()
  }

  package func open() {
    isOpen.withLock { $0 = true }
    monitor.broadcast()
  }
}
