internal import Synchronization

/// Bodies that were sent and wait to be filled again, so that a steady scrape allocates nothing.
final class BodyPool: Sendable {
  /// So many bodies are kept; more are freed.
  private static let limit = 8
  /// A body that has grown above this is freed rather than kept.
  private static let byteLimit = 4 << 20

  private let bodies = Mutex<[[UInt8]]>([])

  /// A body whose bytes are to be overwritten.
  ///
  /// It is the one that has waited longest: where answers are compressed, each body is then what it was
  /// before, a text or a compressed one, and has as many bytes as it will need.
  func take() -> [UInt8] { bodies.withLock { $0.isEmpty ? [] : $0.takeFirst() } }

  func give(_ body: consuming [UInt8]) {
    guard body.capacity <= Self.byteLimit else { return }
    let body = body
    bodies.withLock { bodies in
      if bodies.count < Self.limit { bodies.append(body) }
    }
  }
}
