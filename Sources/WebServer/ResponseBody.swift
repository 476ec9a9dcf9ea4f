internal import Synchronization

/// The bytes of an answer, which libmicrohttpd sends from where they are.
///
/// They may be changed until the body is handed to the server, and not after.
package final class ResponseBody {
  package var bytes: [UInt8]
  /// Where it goes back to once it is sent.
  var pool: BodyPool?

  package init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Replaces the bytes by what `write` makes of them, in the same memory where it can.
  package func fill(_ write: (consuming [UInt8]) -> [UInt8]) {
    var old: [UInt8] = []
    swap(&old, &bytes)
    bytes = write(old)
  }
}

/// Bodies that were sent and wait to be filled again, so that a steady scrape allocates nothing.
package final class BodyPool: Sendable {
  /// So many bodies are kept; more are freed.
  private static let limit = 8
  /// A body that has grown above this is freed rather than kept.
  private static let byteLimit = 4 << 20

  // @unchecked: a body in the pool has no other owner, and the lock hands it to one at a time.
  private struct Bodies: @unchecked Sendable {
    var waiting: [ResponseBody] = []
  }

  private let bodies = Mutex(Bodies())

  package init() {}

  /// A body whose bytes are to be overwritten.
  package func take() -> ResponseBody {
    bodies.withLock { $0.waiting.popLast() } ?? ResponseBody([])
  }

  /// To be called by the last owner of `body`.
  func give(_ body: consuming ResponseBody) {
    guard body.bytes.capacity <= Self.byteLimit else { return }
    body.pool = nil
    let handover = Bodies(waiting: [body])
    bodies.withLock { bodies in
      if bodies.waiting.count < Self.limit { bodies.waiting.append(contentsOf: handover.waiting) }
    }
  }
}
