internal import CLinux
internal import CMicrohttpd
internal import Glibc
internal import Synchronization
internal import System

/// The thread that speaks HTTP on connections without TLS, and that does the work of their requests
/// itself as long as that is quick: to hand it to another thread and to be told when it is done costs as
/// much as a third of a scrape.
///
/// Work is done between two calls of the library, never within one. So where a file hangs, the thread is
/// left behind with its work, and another serves.
///
/// @unchecked: all that changes is touched with the monitor's lock, and the library by whoever has
/// entered it.
@safe final class EventLoop: ConnectionServer, @unchecked Sendable {
  /// How long other connections wait for work before another thread serves them.
  private static let patience = Doorbell.delay

  private enum Activity {
    case outside, inLibrary
    /// In the library, too, until it is woken.
    case waiting
    case working(since: MonotonicTime)

    var isInLibrary: Bool {
      switch self {
      case .inLibrary, .waiting: true
      case .outside, .working: false
      }
    }
  }

  /// What others want of the library.
  private struct Arrivals {
    var connections: [Connection] = []
    var resumed: [Waiter] = []

    var isEmpty: Bool { connections.isEmpty && resumed.isEmpty }

    mutating func removeAll() {
      connections.removeAll(keepingCapacity: true)
      resumed.removeAll(keepingCapacity: true)
    }
  }

  private let raw: OpaquePointer
  /// The library keeps an unretained pointer to it until it is stopped.
  private let core: RequestHandler
  private let waker: Waker
  private let monitor = Monitor()
  private var arrivals = Arrivals()
  /// Lanes, once for each job.
  private var work: [Lane] = []
  private var activity = Activity.outside
  /// A thread of an earlier generation was left behind.
  private var generation = 0
  private var hasStopped = false
  private let rounds = Rounds()
  let suspensions = Suspensions()

  init(_ core: RequestHandler) throws(Errno) {
    self.core = core
    unsafe raw = try startServer(for: core, hasTLS: false)
    do throws(Errno) {
      waker = unsafe try Waker(raw)
    } catch {
      unsafe MHD_stop_daemon(raw)
      throw error
    }
    do throws(Errno) {
      try startThread("server") { self.run(0) }
    } catch {
      stop()
      throw error
    }
  }

  // MARK: From any thread

  func add(_ connection: Connection) {
    monitor.lock()
    defer { monitor.unlock() }
    arrivals.connections.append(connection)
    wake()
  }

  func resume(_ waiter: Waiter) {
    monitor.lock()
    defer { monitor.unlock() }
    arrivals.resumed.append(waiter)
    wake()
  }

  func willWork(for lane: Lane) -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    work.append(lane)
    return true
  }

  /// Has another thread serve where work takes long.
  func check(at now: MonotonicTime) {
    monitor.lock()
    defer { monitor.unlock() }
    guard case .working(let since) = activity, now - since >= Self.patience, !hasStopped else {
      return
    }
    let next = generation + 1
    do throws(Errno) {
      try startThread("server") { self.run(next) }
    } catch {
      return
    }
    generation = next
    activity = .outside
  }

  func comesRound(until end: MonotonicTime) -> Bool {
    rounds.goOn(until: end) {
      monitor.lock()
      wake()
      monitor.unlock()
    }
  }

  func stop() {
    monitor.lock()
    guard !hasStopped else {
      monitor.unlock()
      return
    }
    hasStopped = true
    generation += 1
    wake()
    // It does not stay there.
    while activity.isInLibrary { monitor.wait() }
    monitor.unlock()
    // Nobody else enters the library any more. What has an answer still gets it, or is about to have one.
    let areOver = suspensions.areOver {
      var last = Arrivals()
      monitor.lock()
      swap(&arrivals, &last)
      monitor.unlock()
      serve(last, mayWait: false)
    }
    guard areOver else { return }
    waker.disconnect()
    unsafe MHD_stop_daemon(raw)
  }

  // MARK: The thread

  private func run(_ own: Int) {
    var mine = Arrivals()
    while let mayWait = enter(own, &mine) {
      serve(mine, mayWait: mayWait)
      if !mine.isEmpty { mine.removeAll() }
      rounds.comeRound()
      if let lane = leave() { lane.workOnce { self.isReplaced(own) } }
    }
  }

  /// - Returns: whether there is nothing to do but to wait; nil where another thread serves, or none.
  private func enter(_ own: Int, _ mine: inout Arrivals) -> Bool? {
    monitor.lock()
    defer { monitor.unlock() }
    guard generation == own else { return nil }
    let mayWait = arrivals.isEmpty && work.isEmpty
    activity = mayWait ? .waiting : .inLibrary
    swap(&arrivals, &mine)
    return mayWait
  }

  /// Has the library do all that there is to do.
  ///
  /// - Parameter mayWait: whether it waits for sockets where that is nothing.
  private func serve(_ arrivals: borrowing Arrivals, mayWait: Bool) {
    for connection in arrivals.connections { unsafe core.give(connection, to: raw) }
    for waiter in arrivals.resumed {
      unsafe MHD_resume_connection(waiter.raw)
      suspensions.end()
    }
    unsafe MHD_run_wait(raw, mayWait ? -1 : 0)
  }

  /// - Returns: the lane of the job that is to be done next.
  private func leave() -> Lane? {
    monitor.lock()
    defer { monitor.unlock() }
    activity = work.isEmpty ? .outside : .working(since: .now)
    guard !hasStopped else {
      monitor.broadcast()
      return nil
    }
    return work.isEmpty ? nil : work.takeFirst()
  }

  private func isReplaced(_ own: Int) -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    return generation != own
  }

  /// With the lock.
  private func wake() {
    guard case .waiting = activity else { return }
    activity = .inLibrary
    waker.wake()
  }
}
