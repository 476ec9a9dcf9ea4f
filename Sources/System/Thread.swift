internal import CLinux
internal import Glibc
internal import Synchronization

/// Starts a thread that nobody waits for, on a small stack.
///
/// - Parameters:
///   - name: as `ps -T` and gdb show it; at most 15 bytes.
///   - body: runs on the new thread. It may hang for ever without holding up anybody else.
package func startThread(
  _ name: StaticString, _ body: @escaping @Sendable () -> Void
) throws(Errno) {
  var attributes = pthread_attr_t()
  unsafe pthread_attr_init(&attributes)
  defer { unsafe pthread_attr_destroy(&attributes) }
  unsafe pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
  unsafe pthread_attr_setstacksize(&attributes, 256 << 10)
  var thread = pthread_t()
  running.wrappingAdd(1, ordering: .relaxed)
  // Retained here, released by the thread that takes it over.
  let start = unsafe Unmanaged.passRetained(ThreadStart(name, body))
  let number = unsafe pthread_create(&thread, &attributes, runThread, start.toOpaque())
  guard number == 0 else {
    unsafe start.release()
    running.wrappingSubtract(1, ordering: .relaxed)
    throw Errno(number)
  }
}

/// How many threads that were started here have not come to the end of their work.
package var threadsRunning: Int { running.load(ordering: .acquiring) }

private let running = Atomic<Int>(0)

private final class ThreadStart: Sendable {
  let name: StaticString
  let body: @Sendable () -> Void

  init(_ name: StaticString, _ body: @escaping @Sendable () -> Void) {
    self.name = name
    self.body = body
  }
}

private func runThread(_ start: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  let start = unsafe Unmanaged<ThreadStart>.fromOpaque(start!).takeRetainedValue()
  _ = unsafe name_thread(start.name.utf8Start)
  start.body()
  running.wrappingSubtract(1, ordering: .releasing)
  return nil
}
