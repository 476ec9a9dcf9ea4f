internal import CLinux
internal import CMicrohttpd
internal import Glibc
internal import Synchronization
internal import System

/// One of the library's servers, and who calls it.
protocol ConnectionServer: AnyObject, Sendable {
  /// Those of its connections that are suspended.
  var suspensions: Suspensions { get }

  /// Takes a connection over; where it cannot, it is closed.
  func add(_ connection: Connection)

  /// Goes on with a connection that was suspended, from any thread.
  func resume(_ waiter: Waiter)

  /// Takes the lane's next job on: it is done as soon as the library returns.
  ///
  /// - Returns: false where work is always another thread's.
  func willWork(for lane: Lane) -> Bool

  /// Whether it does its work, by then.
  func comesRound(until end: MonotonicTime) -> Bool

  /// To be called when no answer is awaited any more.
  func stop()
}

/// Starts the library's server that calls `core`, which must outlive it.
func startServer(for core: RequestHandler, hasTLS: Bool) throws(Errno) -> OpaquePointer {
  let cls = unsafe Unmanaged.passUnretained(core).toOpaque()
  // Limits are the acceptor's: the library is never asked to take more than it can.
  guard
    let raw = unsafe start_server(
      hasTLS ? 1 : 0,
      CUnsignedInt(clamping: core.limits.connections * 2 + 64),
      core.limits.headBytes + (16 << 10),
      answerRequest, requestCompleted, connectionNoticed, beginRequest, cls)
  else { throw Errno.last }
  return unsafe raw
}

extension RequestHandler {
  /// Gives a connection to the library.
  func give(_ connection: Connection, to server: OpaquePointer) {
    var name = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let isTaken = unsafe withUnsafeMutablePointer(to: &name) { name in
      unsafe name.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        _ = unsafe getpeername(connection.descriptor, name, &length)
        return unsafe MHD_add_connection(server, connection.descriptor, name, length) == .YES
      }
    }
    // Otherwise the library has closed it.
    if !isTaken { connections.remove(connection) }
  }
}

/// Whether it is so, by then: it is asked every millisecond.
@discardableResult
func comesTrue(by end: MonotonicTime, _ isSo: () -> Bool) -> Bool {
  while !isSo() {
    guard .now < end else { return false }
    usleep(1_000)
  }
  return true
}

/// How many connections are suspended. While there are any the library must not be stopped: it would end
/// the program.
final class Suspensions: Sendable {
  /// Who has an answer under way is waited for so long.
  static let patience = Duration.seconds(2)

  private let count = Atomic<Int>(0)

  func begin() { count.wrappingAdd(1, ordering: .sequentiallyConsistent) }

  func end() { count.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

  /// Whether there are none, in the end.
  ///
  /// - Parameter meanwhile: what may end some.
  func areOver(_ meanwhile: () -> Void = {}) -> Bool {
    comesTrue(by: .now + Self.patience) {
      meanwhile()
      return count.load(ordering: .sequentiallyConsistent) == 0
    }
  }
}

/// How often a thread has come round, for whoever wants to know whether it still does.
struct Rounds: ~Copyable, Sendable {
  private let count = Atomic<UInt64>(0)

  func comeRound() { count.wrappingAdd(1, ordering: .relaxed) }

  /// - Parameter wake: has the thread come round.
  /// - Returns: whether it has, by then.
  func goOn(until end: MonotonicTime, _ wake: () -> Void) -> Bool {
    let before = count.load(ordering: .relaxed)
    return comesTrue(by: end) {
      // Once is not enough where another thread comes to take its place.
      wake()
      return count.load(ordering: .relaxed) != before
    }
  }
}
