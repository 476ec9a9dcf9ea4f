/// The result of work that may hang, which is done on a thread of its own.
///
/// Where that is held up, another thread begins the work as well, each time half of what was left has
/// passed. The first to end counts, and the others are left behind.
///
/// - Parameters:
///   - deadline: until when the caller waits.
///   - hasStandIns: false for work that would hang for every thread alike.
/// - Returns: nil where nobody has ended by then.
package func result<Value: Sendable>(
  by deadline: MonotonicTime, hasStandIns: Bool = true,
  of work: @escaping @Sendable () -> Value
) -> Value? {
  let first = First<Value>()
  while true {
    do throws(Errno) {
      try startThread("reader") { first.end(with: work()) }
    } catch {
      // Those that were started before may still come back.
      return first.value(by: deadline)
    }
    let now = MonotonicTime.now
    guard hasStandIns, deadline - now > .milliseconds(20) else {
      return first.value(by: deadline)
    }
    if let value = first.value(by: .midpoint(now, deadline)) { return value }
  }
}

/// What the first of several threads came to.
///
/// @unchecked: the result is touched with the monitor's lock.
private final class First<Value: Sendable>: @unchecked Sendable {
  private let monitor = Monitor()
  private var value: Value?

  func end(with value: Value) {
    monitor.lock()
    self.value = self.value ?? value
    monitor.broadcast()
    monitor.unlock()
  }

  /// Nil where there is none by then.
  func value(by deadline: MonotonicTime) -> Value? {
    monitor.lock()
    defer { monitor.unlock() }
    while value == nil, .now < deadline { monitor.wait(until: deadline) }
    return value
  }
}
