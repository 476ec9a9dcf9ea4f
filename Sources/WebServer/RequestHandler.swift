internal import CMicrohttpd
internal import Glibc
internal import Synchronization

/// Finds the route of a request and sends what it answers.
final class RequestHandler: Sendable {
  let limits: Limits
  let counter: RequestCounter
  private let routes: [Route]
  private let pool: BodyPool
  private let gzip = Gzip(level: 1)
  private let lastEncoding = Mutex<(header: String?, allowsGzip: Bool)>((nil, false))

  init(_ routes: [Route], limits: Limits, pool: BodyPool, counter: RequestCounter) {
    self.routes = routes
    self.limits = limits
    self.pool = pool
    self.counter = counter
  }

  /// A body smaller than this fits one packet as it is.
  private static let leastCompressed = 1024

  func response(
    path: UnsafePointer<CChar>, method: UnsafePointer<CChar>, isBusy: Bool, to request: Request
  ) -> Response {
    guard let route = routes.first(where: { $0.path.withCString { strcmp(path, $0) == 0 } }) else {
      return .text("404: there is nothing here; / tells what there is", status: 404)
    }
    guard strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 else {
      return .text(
        "405: \(route.path) answers GET and HEAD", status: 405, headers: [("Allow", "GET, HEAD")])
    }
    guard !isBusy || route.answersWhenBusy else {
      return .text(
        "503: \(limits.requests) requests are being answered already", status: 503,
        headers: [("Retry-After", "1")])
    }
    return route.handler(request)
  }

  func send(_ response: consuming Response, on connection: OpaquePointer) -> MHD_Result {
    var isCompressed = false
    if response.isCompressible, response.body.bytes.count >= Self.leastCompressed,
      allowsGzip(Request(connection: connection).header("Accept-Encoding"))
    {
      let compressed = pool.take()
      gzip.compress(response.body.bytes, into: &compressed.bytes)
      pool.give(response.body)
      response.body = compressed
      isCompressed = true
    }
    guard let raw = makeResponse(response.body) else { return .NO }
    defer { MHD_destroy_response(raw) }
    addHeader("Content-Type", response.contentType, to: raw)
    if isCompressed { addHeader("Content-Encoding", "gzip", to: raw) }
    for (name, value) in response.headers { addHeader(name, value, to: raw) }
    counter.count(response.status)
    return MHD_queue_response(connection, CUnsignedInt(response.status), raw)
  }

  /// A Prometheus server sends the same header each time, so the last answer is kept.
  private func allowsGzip(_ header: String?) -> Bool {
    lastEncoding.withLock { last in
      if last.header != header { last = (header, AcceptEncoding.allowsGzip(header)) }
      return last.allowsGzip
    }
  }

  /// As withCString, unlike an implicit conversion, makes no copy on the heap.
  private func addHeader(_ name: String, _ value: String, to raw: OpaquePointer) {
    name.withCString { name in
      value.withCString { value in _ = MHD_add_response_header(raw, name, value) }
    }
  }

  /// The library reads the body's bytes where they are and calls back when it has sent them. They
  /// do not move meanwhile: the body is retained, and nobody changes it.
  private func makeResponse(_ body: ResponseBody) -> OpaquePointer? {
    body.pool = pool
    let sent = Unmanaged.passRetained(body)
    return body.bytes.withUnsafeBytes { bytes in
      MHD_create_response_from_buffer_with_free_callback_cls(
        bytes.count, UnsafeMutableRawPointer(mutating: bytes.baseAddress), releaseSentBody,
        sent.toOpaque())
    }
  }
}

private let releaseSentBody: MHD_ContentReaderFreeCallback = { sent in
  let body = Unmanaged<ResponseBody>.fromOpaque(sent!).takeRetainedValue()
  body.pool?.give(body)
}

/// What is known of a request between the library's calls for it, kept in its own pointer.
private struct RequestProgress {
  private static let begun: UInt = 1
  private static let busy: UInt = 2

  private(set) var bits: UInt

  /// Nil where the request has not begun.
  init?(_ pointer: UnsafeMutableRawPointer?) {
    guard let pointer else { return nil }
    bits = UInt(bitPattern: pointer)
  }

  init(isBusy: Bool) { bits = Self.begun | (isBusy ? Self.busy : 0) }

  var pointer: UnsafeMutableRawPointer? { UnsafeMutableRawPointer(bitPattern: bits) }
  var isBusy: Bool { bits & Self.busy != 0 }
  var bodyBytes: Int { Int(bits >> 2) }

  mutating func addBody(_ bytes: Int) { bits += UInt(bytes) << 2 }
}

/// The library calls this when a request's headers are there, for each piece of its body, and when
/// it is complete.
let answerRequest: MHD_AccessHandlerCallback = {
  handler, connection, url, method, _, _, bodySize, state in
  let core = Unmanaged<RequestHandler>.fromOpaque(handler!).takeUnretainedValue()
  let connection = connection!
  guard var progress = RequestProgress(state!.pointee) else {
    let isBusy = core.counter.begin() > core.limits.requests && core.limits.requests > 0
    state!.pointee = RequestProgress(isBusy: isBusy).pointer
    let request = Request(connection: connection)
    if let length = request.header("Content-Length").flatMap({ Int($0) }),
      length > core.limits.bodyBytes
    {
      let response = Response.text(
        "413: a body may have \(core.limits.bodyBytes) bytes; no request here needs one",
        status: 413)
      return core.send(response, on: connection)
    }
    return .YES
  }
  if bodySize!.pointee > 0 {
    progress.addBody(bodySize!.pointee)
    state!.pointee = progress.pointer
    bodySize!.pointee = 0
    // A chunked body has no length in advance: too long a one loses its connection.
    return progress.bodyBytes <= core.limits.bodyBytes ? .YES : .NO
  }
  let response = core.response(
    path: url!, method: method!, isBusy: progress.isBusy, to: Request(connection: connection))
  return core.send(response, on: connection)
}

let requestCompleted: MHD_RequestCompletedCallback = { handler, _, state, _ in
  guard RequestProgress(state?.pointee) != nil else { return }
  state!.pointee = nil
  Unmanaged<RequestHandler>.fromOpaque(handler!).takeUnretainedValue().counter.end()
}
