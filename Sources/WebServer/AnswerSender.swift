internal import CMicrohttpd
internal import Glibc
internal import Synchronization
internal import System

/// Sends answers to connections that were suspended for them, from the thread that made them.
struct AnswerSender: Sendable {
  private let counters: ServerCounters
  private let policy: CurrentPolicy
  private let draining: Draining
  private static let gzip = Gzip(level: 1)
  /// A body smaller than this fits one packet as it is.
  private static let leastCompressed = 1024

  init(_ counters: ServerCounters, _ policy: CurrentPolicy, _ draining: Draining) {
    self.counters = counters
    self.policy = policy
    self.draining = draining
  }

  func send(_ answer: Answer, to job: Job) {
    let (head, body, isCompressed) = finished(answer, gzip: job.gzip)
    guard
      let response = Response(
        head, body, isCompressed: isCompressed, isLast: draining.hasBegun, policy.now)
    else { return }
    for waiter in job.waiters { send(response, head.status, to: waiter) }
  }

  func send(_ answer: Answer, to waiter: Waiter) {
    let (head, body, _) = finished(answer, gzip: false)
    guard
      let response = Response(
        head, body, isCompressed: false, isLast: draining.hasBegun, policy.now)
    else { return }
    send(response, head.status, to: waiter)
  }

  private func finished(_ answer: Answer, gzip: Bool) -> (Head, [UInt8], isCompressed: Bool) {
    var body: [UInt8] = []
    switch answer {
    case .done(let head, let bytes):
      guard gzip, head.isCompressible, bytes.count >= Self.leastCompressed else {
        return (head, bytes, false)
      }
      body = bodies.take()
      Self.gzip.compress(bytes, into: &body)
      bodies.give(bytes)
      return (head, body, true)
    case .timedOut:
      let line = "503: timed out: a file that the answer needs could not be read in time"
      return (Head.line(line, status: 503, headers: Self.retry, into: &body), body, false)
    case .full(let limit):
      let line = "503: \(limit) requests are being answered already"
      return (Head.line(line, status: 503, headers: Self.retry, into: &body), body, false)
    case .stopping:
      return (
        Head.line("503: the exporter is stopping", status: 503, headers: Self.retry, into: &body),
        body,
        false
      )
    }
  }

  private static let retry = [(name: "Retry-After", value: "1")]

  private func send(_ response: borrowing Response, _ status: Int, to waiter: Waiter) {
    // Counted before it is sent: a client that has its answer finds it counted.
    counters.count(status)
    counters.requestEnds()
    waiter.connection.enter(.answering, at: .now)
    _ = unsafe response.queue(waiter.raw)
    waiter.resume()
  }
}

/// Whether the server is about to stop, and so each answer is its connection's last.
final class Draining: Sendable {
  private let flag = Atomic(false)

  var hasBegun: Bool { flag.load(ordering: .relaxed) }

  func begin() { flag.store(true, ordering: .relaxed) }
}

/// The library's form of an answer, which any number of connections may send.
@safe struct Response: ~Copyable {
  private let raw: OpaquePointer
  private let status: CUnsignedInt

  /// Nil where there is no memory for it.
  ///
  /// - Parameters:
  ///   - isLast: whether its connection is to be closed after it.
  ///   - policy: adds its headers.
  init?(
    _ head: Head, _ body: consuming [UInt8], isCompressed: Bool, isLast: Bool, _ policy: Policy
  ) {
    // The library reads the body's bytes where they are, and calls back when all have been sent.
    // They do not move meanwhile: the box is retained, and nobody changes it.
    let box = SentBody(body)
    let sent = unsafe Unmanaged.passRetained(box)
    let made = unsafe box.bytes.withUnsafeBytes { bytes in
      unsafe MHD_create_response_from_buffer_with_free_callback_cls(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), releaseSentBody,
        sent.toOpaque())
    }
    guard let made = unsafe made else {
      unsafe sent.release()
      return nil
    }
    unsafe raw = made
    status = CUnsignedInt(head.status)
    add("Content-Type", head.contentType)
    add("X-Content-Type-Options", "nosniff")
    // What is true now is of no use later.
    add("Cache-Control", "no-store")
    if isCompressed { add("Content-Encoding", "gzip") }
    if isLast { add("Connection", "close") }
    for (name, value) in head.headers { add(name, value) }
    for (name, value) in policy.headers where !has(name) { add(name, value) }
  }

  deinit { unsafe MHD_destroy_response(raw) }

  borrowing func queue(_ connection: OpaquePointer) -> MHD_Result {
    unsafe MHD_queue_response(connection, status, raw)
  }

  /// What an answer says of itself, such as the page's Content-Security-Policy, is not changed by a
  /// configuration.
  private borrowing func has(_ name: String) -> Bool {
    unsafe name.withCString { unsafe MHD_get_response_header(raw, $0) != nil }
  }

  /// As withCString, unlike an implicit conversion, makes no copy on the heap.
  private borrowing func add(_ name: String, _ value: String) {
    unsafe name.withCString { name in
      unsafe value.withCString { value in _ = unsafe MHD_add_response_header(raw, name, value) }
    }
  }
}

private final class SentBody {
  var bytes: [UInt8]

  init(_ bytes: consuming [UInt8]) { self.bytes = bytes }
}

private let releaseSentBody: MHD_ContentReaderFreeCallback = { sent in
  let body = unsafe Unmanaged<SentBody>.fromOpaque(sent!).takeRetainedValue()
  var bytes: [UInt8] = []
  swap(&bytes, &body.bytes)
  bodies.give(bytes)
}
