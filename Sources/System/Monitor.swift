internal import Glibc

/// A lock with a condition that threads can wait for, on the monotonic clock (pthread_cond_wait(3)).
/// Swift's own Mutex has no condition.
///
/// It guards what its owner says it guards. (It is not generic over that state, since a generic type
/// of another module is not specialised.)
///
/// @unchecked: the lock and the condition are C's, made to be used by many threads.
@safe package final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    unsafe pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    unsafe pthread_condattr_init(&attributes)
    unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    unsafe pthread_cond_init(condition, &attributes)
    unsafe pthread_condattr_destroy(&attributes)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  package func lock() { unsafe pthread_mutex_lock(mutex) }

  package func unlock() { unsafe pthread_mutex_unlock(mutex) }

  /// To be called with the lock: gives it up until somebody signals, or the deadline has passed.
  package func wait(until deadline: MonotonicTime? = nil) {
    guard let deadline else {
      unsafe pthread_cond_wait(condition, mutex)
      return
    }
    var time = timespec(deadline.sinceBoot)
    unsafe pthread_cond_timedwait(condition, mutex, &time)
  }

  /// Wakes one of the threads that wait.
  package func signal() { unsafe pthread_cond_signal(condition) }

  /// Wakes all of them.
  package func broadcast() { unsafe pthread_cond_broadcast(condition) }
}
