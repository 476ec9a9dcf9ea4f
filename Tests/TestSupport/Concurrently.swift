internal import Glibc
internal import Synchronization

/// Runs `body` on so many threads at once and returns when all are done.
///
/// - Throws: the first error that one of them threw.
package func concurrently(
  _ count: Int, _ body: @escaping @Sendable (_ number: Int) throws -> Void
) throws {
  let first = Mutex<(any Error)?>(nil)
  let threads = (0..<count).map { number in
    Thread {
      do {
        try body(number)
      } catch {
        first.withLock { if $0 == nil { $0 = error } }
      }
    }
  }
  for thread in threads { thread.join() }
  if let error = first.withLock({ $0 }) { throw error }
}

/// A thread of POSIX: Swift's own pool has no more threads than the machine has CPUs.
package final class Thread: Sendable {
  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  private let handle: pthread_t

  package init(_ body: @escaping @Sendable () -> Void) {
    var handle = pthread_t()
    pthread_create(&handle, nil, runWork, Unmanaged.passRetained(Work(body)).toOpaque())
    self.handle = handle
  }

  package func join() { pthread_join(handle, nil) }

  fileprivate static func run(_ work: UnsafeMutableRawPointer) {
    Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
  }
}

private func runWork(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  Thread.run(work!)
  return nil
}
