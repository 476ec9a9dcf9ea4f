internal import Glibc
internal import System
internal import Views

/// One GET over HTTP/1.0, which is all that `watch --url` needs: no TLS, no redirects.
enum HTTPGet {
  /// Seconds for all of it: connecting, asking and reading the answer.
  static let timeoutSeconds = 5
  /// Bytes of an answer.
  static let sizeLimit = 4 << 20

  /// The body of a 200 answer.
  static func body(of url: HTTPURL) throws(RequestError) -> [UInt8] {
    let deadline = MonotonicTime.now + .seconds(timeoutSeconds)
    let descriptor = try connect(to: url, by: deadline)
    defer { close(descriptor) }
    let request =
      "GET \(url.path) HTTP/1.0\r\nHost: \(url.hostAndPort)\r\nAccept: application/json\r\n\r\n"
    guard writeAll(request, to: descriptor) else { throw RequestError(url, errno) }
    return try body(ofAnswer: readAll(descriptor, url, by: deadline), url)
  }

  private static func connect(
    to url: HTTPURL, by deadline: MonotonicTime
  ) throws(RequestError) -> CInt {
    var hints = addrinfo()
    hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(url.host, url.port, &hints, &list)
    guard code == 0 else { throw RequestError(url, reason: String(cString: gai_strerror(code))) }
    defer { freeaddrinfo(list) }
    var number = ECONNREFUSED
    var candidate = list
    while let address = candidate?.pointee {
      candidate = address.ai_next
      let descriptor = socket(address.ai_family, address.ai_socktype, 0)
      guard descriptor >= 0 else {
        number = errno
        continue
      }
      // A send time-out bounds connect(2), too (socket(7)).
      try limit(descriptor, url, by: deadline)
      if Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 { return descriptor }
      number = errno
      close(descriptor)
    }
    throw RequestError(url, number)
  }

  /// Bounds the next call for the descriptor by what is left until the deadline.
  private static func limit(
    _ descriptor: CInt, _ url: HTTPURL, by deadline: MonotonicTime
  ) throws(RequestError) {
    let rest = deadline - .now
    guard rest > .milliseconds(1) else { throw RequestError(url, EAGAIN) }
    var limit = timeval(rest)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
  }

  private static func readAll(
    _ descriptor: CInt, _ url: HTTPURL, by deadline: MonotonicTime
  ) throws(RequestError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      try limit(descriptor, url, by: deadline)
      let count = read(descriptor, &chunk, chunk.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw RequestError(url, errno)
      }
      bytes += chunk[..<count]
      guard bytes.count <= sizeLimit else {
        throw RequestError(url, reason: "the answer is longer than \(sizeLimit) bytes")
      }
    }
  }

  private static func body(
    ofAnswer bytes: [UInt8], _ url: HTTPURL
  ) throws(RequestError) -> [UInt8] {
    let separator = Array("\r\n\r\n".utf8)
    guard
      let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }),
      case let status = String(decoding: bytes.prefix { $0 != 0x0d }, as: UTF8.self),
      status.hasPrefix("HTTP/1.")
    else { throw RequestError(url, reason: "the answer is not HTTP") }
    guard status.split(separator: " ").dropFirst().first == "200" else {
      throw RequestError(
        url, reason: "the answer is \(printable(String(status.dropFirst(9).prefix(60))))")
    }
    return Array(bytes[(end + separator.count)...])
  }
}

/// A request that failed: `cannot get http://host:10057/rates: Connection refused`.
struct RequestError: Error, Equatable, CustomStringConvertible {
  let description: String

  init(_ url: HTTPURL, reason: String) { description = "cannot get \(url): \(reason)" }

  init(_ url: HTTPURL, _ number: CInt) {
    // What a time-out of the socket looks like to read(2) and connect(2).
    let reason =
      number == EAGAIN || number == EINPROGRESS
      ? "no answer within \(HTTPGet.timeoutSeconds) s" : String(cString: strerror(number))
    self.init(url, reason: reason)
  }
}
