internal import CMicrohttpd
internal import Synchronization
internal import System

/// Does the work of one route, one at a time: on the thread that serves, or where it takes long on one of
/// its own.
///
/// A worker that is held up by a file is left behind: another takes the work over and the line goes
/// on. It ends when it comes back.
///
/// @unchecked: all that changes is touched with the monitor's lock.
final class Lane: @unchecked Sendable {
  /// So many threads may be held up at once. Collectors are never begun twice, so there are few.
  private static let heldUpLimit = 32
  /// Who serves may be kept from other connections for so long.
  private static let quickTime = Duration.milliseconds(5)
  /// So many quick jobs in a row after one that was not.
  private static let enoughQuick = 100
  /// A worker ends that has had nothing to do for so long.
  private static let idleTime = Duration.seconds(10)

  private let monitor = Monitor()
  private var waiting: [Job] = []
  private var running: Job?
  /// When the running work is overdue, and is begun once more by another.
  private var overdue = MonotonicTime(sinceBoot: .zero)
  /// A worker of an earlier generation was left behind.
  private var generation = 0
  private var hasWorker = false
  private var isWorkerIdle = false
  private var quickInARow = enoughQuick
  private var hasStopped = false
  private var heldUp = 0
  private let room: Room
  private let send: @Sendable (Job, Answer) -> Void

  /// - Parameters:
  ///   - room: for the jobs of all lanes together.
  ///   - send: sends an answer to all that wait for the job.
  init(_ room: Room, send: @escaping @Sendable (Job, Answer) -> Void) {
    self.room = room
    self.send = send
  }

  /// To be called once for each job, by whoever has finished it.
  private func deliver(_ job: Job, _ answer: Answer) {
    send(job, answer)
    room.giveBack()
  }

  /// Whether anything waits or runs.
  var isBusy: Bool {
    monitor.lock()
    defer { monitor.unlock() }
    return running != nil || !waiting.isEmpty
  }

  /// What becomes of a request.
  enum Admission {
    case taken
    /// There is work enough already.
    case full
    /// No work is taken any more.
    case stopping
    /// No thread can be had.
    case noThread
  }

  /// Has the work done for a request; it may share the answer of one that has not begun, which is no
  /// more work.
  func add(_ waiter: Waiter, _ work: Work, gzip: Bool, deadline: MonotonicTime) -> Admission {
    monitor.lock()
    defer { monitor.unlock() }
    guard !hasStopped else { return .stopping }
    let now = MonotonicTime.now
    for job in waiting where job.isSame(as: work, gzip: gzip) && job.suits(deadline, at: now) {
      job.waiters.append(waiter)
      job.deadline = min(job.deadline, deadline)
      return .taken
    }
    guard room.take() else { return .full }
    let job = Job(work, gzip: gzip, waiter, since: now, deadline)
    let isServers =
      !hasWorker && quickInARow == Self.enoughQuick
      && waiter.connection.server?.willWork(for: self) == true
    guard isServers || startWorkerIfNeeded() else {
      room.giveBack()
      return .noThread
    }
    waiting.append(job)
    if isWorkerIdle { monitor.signal() }
    return .taken
  }

  /// Does the first job that waits, unless another thread is at it.
  ///
  /// - Parameter isReplaced: whether another serves meanwhile. Then this is the lane's worker until nothing
  ///   waits.
  func workOnce(_ isReplaced: () -> Bool) {
    monitor.lock()
    defer { monitor.unlock() }
    guard !hasWorker, !waiting.isEmpty else { return }
    hasWorker = true
    let own = generation
    repeat { performFirst(own) } while generation == own && !waiting.isEmpty && isReplaced()
    guard generation == own else { return }
    hasWorker = false
    // What has come meanwhile, within TLS.
    if !waiting.isEmpty { _ = startWorkerIfNeeded() }
  }

  /// Leaves an overdue worker behind, and gives up on what is past its deadline.
  func check(at now: MonotonicTime) {
    monitor.lock()
    var lost: [Job] = []
    if let job = running, now >= overdue {
      generation += 1
      heldUp += 1
      running = nil
      hasWorker = false
      quickInARow = 0
      if now < job.deadline, heldUp < Self.heldUpLimit, !job.isDone {
        waiting.insert(job, at: 0)
      } else if job.finish() {
        lost.append(job)
      }
    }
    for job in waiting where now >= job.deadline && job.finish() { lost.append(job) }
    waiting.removeAll { $0.isDone }
    // Who serves may just be about to do it.
    if let first = waiting.first, now - first.since >= Doorbell.delay, !startWorkerIfNeeded() {
      lost += waiting.filter { $0.finish() }
      waiting = []
    }
    monitor.unlock()
    for job in lost { deliver(job, .timedOut) }
  }

  /// Gives up on everything.
  func stop() {
    monitor.lock()
    let lost = ([running].compactMap { $0 } + waiting).filter { $0.finish() }
    waiting = []
    hasStopped = true
    generation += 1
    monitor.signal()
    monitor.unlock()
    for job in lost { deliver(job, .stopping) }
  }

  /// With the lock.
  private func startWorkerIfNeeded() -> Bool {
    guard !hasWorker else { return true }
    let own = generation
    do throws(Errno) {
      try startThread("worker") { self.run(own) }
    } catch {
      return false
    }
    hasWorker = true
    return true
  }

  private func run(_ own: Int) {
    monitor.lock()
    defer { monitor.unlock() }
    while generation == own {
      guard waiting.isEmpty else {
        performFirst(own)
        continue
      }
      let end = MonotonicTime.now + Self.idleTime
      isWorkerIdle = true
      while waiting.isEmpty, generation == own, quickInARow < Self.enoughQuick, .now < end {
        monitor.wait(until: end)
      }
      isWorkerIdle = false
      guard !waiting.isEmpty || generation != own else {
        hasWorker = false
        return
      }
    }
  }

  /// With the lock, which is given up meanwhile.
  private func performFirst(_ own: Int) {
    let job = waiting.takeFirst()
    let now = MonotonicTime.now
    running = job
    overdue = MonotonicTime.midpoint(now, job.deadline)
    let deadline = job.deadline
    monitor.unlock()
    let answer = job.perform(deadline)
    let time = MonotonicTime.now - now
    monitor.lock()
    quickInARow = time < Self.quickTime ? min(quickInARow + 1, Self.enoughQuick) : 0
    let isFirst = job.finish()
    if generation == own {
      running = nil
    } else {
      heldUp -= 1
      waiting.removeAll { $0 === job }
    }
    guard isFirst else { return }
    monitor.unlock()
    deliver(job, answer)
    monitor.lock()
  }
}

/// How many jobs there may be at once.
final class Room: Sendable {
  /// 0 for no limit.
  private let limit: Int
  private let taken = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  var isFull: Bool { limit > 0 && taken.load(ordering: .relaxed) >= limit }

  /// - Returns: false where there is none.
  func take() -> Bool {
    guard taken.wrappingAdd(1, ordering: .relaxed).newValue <= limit || limit == 0 else {
      giveBack()
      return false
    }
    return true
  }

  func giveBack() { taken.wrappingSubtract(1, ordering: .relaxed) }
}

/// Work and those who wait for it.
///
/// @unchecked: it is touched with its lane's lock, and by whoever has finished it.
final class Job: @unchecked Sendable {
  private let work: Work
  let gzip: Bool
  fileprivate let since: MonotonicTime
  fileprivate(set) var waiters: [Waiter]
  fileprivate(set) var deadline: MonotonicTime
  fileprivate private(set) var isDone = false

  init(
    _ work: Work, gzip: Bool, _ waiter: Waiter, since: MonotonicTime, _ deadline: MonotonicTime
  ) {
    self.work = work
    self.gzip = gzip
    self.since = since
    self.deadline = deadline
    waiters = [waiter]
  }

  fileprivate func isSame(as other: Work, gzip: Bool) -> Bool {
    self.gzip == gzip && work.key == other.key
  }

  /// Whether neither this nor a request with that deadline gets less than half of its time by an answer
  /// that they share: nobody may cut another's time short.
  fileprivate func suits(_ other: MonotonicTime, at now: MonotonicTime) -> Bool {
    min(deadline, other) >= MonotonicTime.midpoint(now, max(deadline, other))
  }

  fileprivate func perform(_ deadline: MonotonicTime) -> Answer {
    var body = bodies.take()
    let head = work.write(deadline, &body)
    return .done(head, body)
  }

  /// - Returns: false where it was finished before.
  fileprivate func finish() -> Bool {
    defer { isDone = true }
    return !isDone
  }
}

enum Answer {
  case done(Head, [UInt8])
  case timedOut
  /// So many requests for different work are being answered already.
  case full(Int)
  case stopping
}

/// A suspended connection that waits for its answer.
///
/// @unchecked: while it is suspended, only the one that has finished its job touches it.
@safe struct Waiter: @unchecked Sendable {
  let connection: Connection
  let raw: OpaquePointer

  /// Suspends it, in a call of the library for it.
  init(suspending connection: Connection, _ raw: OpaquePointer) {
    self.connection = connection
    unsafe self.raw = raw
    connection.server?.suspensions.begin()
    unsafe MHD_suspend_connection(raw)
  }

  /// Has the library go on with it.
  func resume() { connection.server?.resume(self) }
}

/// Shared by all servers of the process.
let bodies = BodyPool()
