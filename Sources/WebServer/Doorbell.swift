internal import CLinux
internal import Glibc
internal import Synchronization
internal import System

/// Wakes the acceptor, which sleeps for as long as there is nothing to look after.
///
/// A request that is answered at once is never looked after: so whoever begins one rings for a little
/// later, and the acceptor comes once for all of them.
final class Doorbell: Sendable {
  /// A timer (timerfd_create(2)), which the acceptor waits for among its sockets.
  let descriptor: CInt
  private let isSleeper = Atomic<Bool>(false)
  private let isRung = Atomic<Bool>(false)

  /// How long after it is rung the acceptor comes, and then again while there is something.
  static let delay = Duration.milliseconds(50)

  init() throws(Errno) { descriptor = CInt(try valueOrErrno { Int(open_timer()) }) }

  deinit { close(descriptor) }

  /// Says that something has begun that may take longer.
  func ring() {
    // In one order with sleep(): either the acceptor sees that it was rung, or is seen to sleep.
    isRung.store(true, ordering: .sequentiallyConsistent)
    guard isSleeper.load(ordering: .sequentiallyConsistent),
      isSleeper.exchange(false, ordering: .relaxed)
    else { return }
    set_timer(descriptor, Int(Self.delay.wholeNanoseconds))
  }

  /// Has the acceptor come at once.
  func wake() {
    // So that no ring puts it off.
    isSleeper.store(false, ordering: .sequentiallyConsistent)
    set_timer(descriptor, 1)
  }

  // MARK: The acceptor's own

  /// From here on a ring wakes it.
  ///
  /// - Returns: false where it was rung for already.
  func sleep() -> Bool {
    isSleeper.store(true, ordering: .sequentiallyConsistent)
    guard isRung.load(ordering: .sequentiallyConsistent) else { return true }
    isSleeper.store(false, ordering: .relaxed)
    return false
  }

  /// It is awake, and comes by itself.
  func stayAwake() { isSleeper.store(false, ordering: .relaxed) }

  /// Whether it was rung for since it was last asked.
  func takeRing() -> Bool { isRung.exchange(false, ordering: .sequentiallyConsistent) }

  /// Has the timer be ready no more.
  func silence() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, 8)
  }
}
