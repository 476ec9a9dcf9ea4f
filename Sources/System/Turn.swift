/// Lets one thread at a time do what may hang, such as reading a file, and lets nobody wait for one
/// that does.
///
/// @unchecked: what changes is touched with the monitor's lock.
@safe package final class Turn: @unchecked Sendable {
  private let monitor = Monitor()
  private var taken: MonotonicTime?
  private var overdue = MonotonicTime(sinceBoot: .zero)

  package init() {}

  /// Waits for the turn, but never for a holder that is overdue.
  ///
  /// - Parameters:
  ///   - deadline: until when it waits; asked only where it does.
  ///   - patience: after which whoever has it now is overdue in the eyes of others.
  /// - Returns: whether it has the turn, and so must ``give()`` it back.
  package func take(
    until deadline: @autoclosure () -> MonotonicTime, patience: Duration
  ) -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    if taken != nil {
      let deadline = deadline()
      while taken != nil {
        let end = min(deadline, overdue)
        guard MonotonicTime.now < end else { return false }
        monitor.wait(until: end)
      }
    }
    let now = MonotonicTime.now
    taken = now
    overdue = now + patience
    return true
  }

  package func give() {
    monitor.lock()
    taken = nil
    monitor.signal()
    monitor.unlock()
  }

  /// How long it has been held. Nil where it is free.
  package var heldFor: Duration? {
    monitor.lock()
    defer { monitor.unlock() }
    return taken.map { .now - $0 }
  }
}
