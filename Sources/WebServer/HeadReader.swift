internal import CMicrohttpd
internal import CReceive
internal import Glibc
internal import Synchronization
internal import System

/// What libmicrohttpd reads of a connection it reads through here: one request's head at a time, and
/// that only when it is whole and is one that may come in.
///
/// The library takes much that another server reads otherwise (a line that ends in LF alone, a header
/// without a name), and what it has taken it shows only as it understood it. So it must never be the
/// first to see a head.
///
/// @unchecked: all is touched by the thread that serves the connection alone, once it is there.
class HeadReader: @unchecked Sendable {
  let connection: Connection
  let counters: ServerCounters
  let limits: Limits
  /// The last head, and what it is: a client that scrapes sends the same each time.
  private var last: [UInt8] = []
  private var lastHead: CheckedHead?
  /// What of a checked head the library has not taken yet.
  var untaken = 0
  /// The head that the library has taken, until its request begins.
  private var taken: CheckedHead?
  /// Whether more had come already when the last head was taken.
  var hasMore = false
  /// Whether a request is under way: the library, woken for its answer, would read before it sends it, and
  /// take the end of what the client sends for the end of the connection.
  final var isAnswering = false
  /// Whether nothing that still comes is read as a head.
  private var isDone = false

  init(_ connection: Connection, _ limits: Limits, _ counters: ServerCounters) {
    self.connection = connection
    self.limits = limits
    self.counters = counters
  }

  /// The head of the request that begins. To be called once for each.
  final func begin() -> CheckedHead? {
    defer { taken = nil }
    if taken?.hasBody == true { isDone = true }
    return taken
  }

  final var isOver: Bool { isDone || connection.isClosing.load(ordering: .relaxed) }

  /// What these bytes are, from the first of a head on.
  final func check(_ bytes: UnsafeRawBufferPointer) -> HeadCheck {
    if let lastHead, bytes.count >= last.count,
      unsafe memcmp(bytes.baseAddress!, last, last.count) == 0
    {
      return .whole(lastHead)
    }
    let result = unsafe HeadCheck(Span<UInt8>(_unsafeBytes: bytes), limits: limits)
    if case .whole(let head) = result {
      last = unsafe Array(bytes.prefix(head.length))
      lastHead = head
    }
    return result
  }

  /// The library is about to get this one.
  final func admit(_ head: CheckedHead) {
    untaken = head.length
    taken = head
  }

  /// A head has begun; the acceptor sees to it that it ends in time.
  func noteBegin() {
    if connection.phase == .idle { connection.enter(.head, at: .now) }
  }

  /// Counts a refusal, after which nothing is read.
  final func noteRefusal(_ refusal: Refusal) {
    counters.count(refusal.status)
    isDone = true
  }

  /// Says that nothing more comes. To close with bytes unread would take the last answer away from
  /// the client, so they are thrown away.
  final func end(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    for _ in 0..<16 {
      let count = unsafe receive(
        connection.descriptor, buffer.baseAddress, buffer.count, CInt(MSG_DONTWAIT))
      guard count > 0 else { break }
    }
    return 0
  }

  /// The last answer has been sent.
  func requestEnded() { isAnswering = false }

  /// The library no longer reads through it. To be called before the descriptor is closed: from then on
  /// its number may be another's.
  func unwatch() {}
}

/// The reader of a connection without TLS: what is not whole yet stays with the kernel.
///
/// @unchecked: as its superclass.
final class SocketReader: HeadReader, Receiver, @unchecked Sendable {
  private let doorbell: Doorbell

  /// - Parameters:
  ///   - first: the head that is there already.
  ///   - doorbell: rung when a later one begins.
  init(
    _ connection: Connection, _ first: CheckedHead, _ limits: Limits, _ counters: ServerCounters,
    _ doorbell: Doorbell
  ) {
    self.doorbell = doorbell
    super.init(connection, limits, counters)
    admit(first)
    // Whether more has come is not known of the first.
    hasMore = true
  }

  /// As recv(2), but for what is said above.
  func read(_ buffer: UnsafeMutableRawBufferPointer, _ flags: CInt) -> Int {
    guard untaken == 0 else { return unsafe take(buffer, flags) }
    if isOver { return unsafe end(buffer) }
    if isAnswering {
      errno = EAGAIN
      return -1
    }
    let descriptor = connection.descriptor
    let count = unsafe receive(descriptor, buffer.baseAddress, buffer.count, flags | CInt(MSG_PEEK))
    guard count > 0 else { return count }
    switch unsafe check(UnsafeRawBufferPointer(rebasing: buffer[..<count])) {
    case .whole(let head):
      admit(head)
      hasMore = count > head.length
      return unsafe take(buffer, flags)
    case .incomplete where count < buffer.count: return unsafe wait(buffer)
    case .incomplete:
      return unsafe refuse(Refusal(431, "the head is longer than \(buffer.count) bytes"), buffer)
    case .refused(let refusal): return unsafe refuse(refusal, buffer)
    }
  }

  private func take(_ buffer: UnsafeMutableRawBufferPointer, _ flags: CInt) -> Int {
    let count = unsafe receive(
      connection.descriptor, buffer.baseAddress, min(buffer.count, untaken), flags)
    untaken -= max(0, count)
    if untaken == 0 { isAnswering = true }
    return count
  }

  private func wait(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    guard !connection.isHalfClosed else { return unsafe end(buffer) }
    noteBegin()
    errno = EAGAIN
    return -1
  }

  private func refuse(_ refusal: Refusal, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    noteRefusal(refusal)
    refusal.send(to: connection.descriptor)
    return unsafe end(buffer)
  }

  override func noteBegin() {
    super.noteBegin()
    doorbell.ring()
  }

  /// From now on the library reads through it.
  func watch() { receivers.add(self, for: connection.descriptor) }

  override func unwatch() { receivers.remove(self, for: connection.descriptor) }
}
