internal import Synchronization

/// Counts the requests of a server, without a lock.
package final class RequestCounter: Sendable {
  /// The status codes that the server's own answers can have.
  package static let codes = [200, 304, 400, 404, 405, 413, 500, 503]

  private let totals = InlineArray<8, Atomic<UInt64>> { _ in Atomic(0) }
  private let current = Atomic<Int>(0)

  package init() {}

  package func answered(at place: Int) -> UInt64 { totals[place].load(ordering: .relaxed) }

  package var inFlight: Int { current.load(ordering: .relaxed) }

  func count(_ status: Int) {
    guard let place = Self.codes.firstIndex(of: status) else { return }
    totals[place].wrappingAdd(1, ordering: .relaxed)
  }

  /// - Returns: how many are in flight with this one.
  func begin() -> Int { current.wrappingAdd(1, ordering: .relaxed).newValue }

  func end() { current.wrappingSubtract(1, ordering: .relaxed) }
}
