internal import CMicrohttpd
internal import Glibc
internal import System

/// Compares passwords, one at a time, on a thread of its own that has a third of the time that others
/// have: so whoever tries passwords takes the time of others who do. It is not less, since the first
/// scrape must not be late on a busy host.
///
/// @unchecked: all that changes is touched with the monitor's lock.
final class LoginQueue: @unchecked Sendable {
  /// So many may wait.
  static let limit = 16

  private struct Entry {
    let attempt: LoginAttempt
    let waiter: Waiter
    let deadline: MonotonicTime
  }

  private let monitor = Monitor()
  private var waiting: [Entry] = []
  private var running: Entry?
  private var hasWorker = false
  private var isStopping = false
  private let verified: VerifiedPairs
  private let failed: FailedLogins
  private let counters: ServerCounters

  init(_ verified: VerifiedPairs, _ failed: FailedLogins, _ counters: ServerCounters) {
    self.verified = verified
    self.failed = failed
    self.counters = counters
  }

  /// Has the attempt made for a connection that is suspended. Its request is then called for again.
  ///
  /// - Returns: false where too many wait.
  func add(_ attempt: LoginAttempt, _ waiter: Waiter, deadline: MonotonicTime) -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    guard waiting.count < Self.limit, !isStopping, startWorkerIfNeeded() else { return false }
    waiting.append(Entry(attempt: attempt, waiter: waiter, deadline: deadline))
    monitor.signal()
    return true
  }

  /// Gives up on all.
  func stop() {
    monitor.lock()
    isStopping = true
    let lost = waiting + [running].compactMap { $0 }
    waiting = []
    running = nil
    monitor.signal()
    monitor.unlock()
    for entry in lost { resume(entry, .late) }
  }

  /// With the lock.
  private func startWorkerIfNeeded() -> Bool {
    guard !hasWorker else { return true }
    do throws(Errno) {
      try startThread("passwords") { self.run() }
    } catch {
      return false
    }
    hasWorker = true
    return true
  }

  private func run() {
    // Of this thread alone: on Linux each has its own (setpriority(2)).
    setpriority(CInt(PRIO_PROCESS.rawValue), 0, 5)
    monitor.lock()
    while !isStopping {
      guard !waiting.isEmpty else {
        monitor.wait()
        continue
      }
      let entry = waiting.removeFirst()
      running = entry
      monitor.unlock()
      let outcome = outcome(of: entry)
      monitor.lock()
      // Otherwise it was given up meanwhile.
      guard running != nil else { continue }
      running = nil
      monitor.unlock()
      resume(entry, outcome)
      monitor.lock()
    }
    monitor.unlock()
  }

  private func outcome(of entry: Entry) -> CurrentRequest.Login {
    guard MonotonicTime.now < entry.deadline else { return .late }
    // Others may have waited for the same.
    if verified.contains(entry.attempt.digest) { return .right }
    guard entry.attempt.isRight() else {
      failed.note(entry.waiter.connection.peer, at: .now)
      counters.count(.password)
      return .wrong
    }
    verified.add(entry.attempt.digest)
    return .right
  }

  private func resume(_ entry: Entry, _ login: CurrentRequest.Login) {
    entry.waiter.connection.current.login = login
    entry.waiter.resume()
  }
}
