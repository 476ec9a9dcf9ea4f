internal import Glibc
internal import System
internal import Views

/// One GET over HTTP/1.0, which is all that `watch --url` needs: no TLS, no redirects.
enum HTTPGet {
  /// For all of it: connecting, asking and reading the answer.
  static let timeout = Duration.seconds(5)
  /// Bytes of an answer.
  static let sizeLimit = 4 << 20

  /// The body of a 200 answer.
  static func body(of url: HTTPURL) throws(RequestError) -> [UInt8] {
    let deadline = MonotonicTime.now + timeout
    let descriptor = try connect(to: url, by: deadline)
    defer { close(descriptor) }
    let request =
      "GET \(url.path) HTTP/1.0\r\nHost: \(url.hostAndPort)\r\nAccept: application/json\r\n\r\n"
    do throws(Errno) {
      try writeAll(request, to: descriptor)
    } catch {
      throw RequestError(url, error)
    }
    return try body(ofAnswer: readAll(descriptor, url, by: deadline), url)
  }

  private static func connect(
    to url: HTTPURL, by deadline: MonotonicTime
  ) throws(RequestError) -> CInt {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(url.host, url.port, &hints, &list)
    guard code == 0 else {
      throw RequestError(url, reason: unsafe String(cString: gai_strerror(code)))
    }
    defer { unsafe freeaddrinfo(list) }
    var failure = Errno(ECONNREFUSED)
    var candidate = unsafe list
    while let address = unsafe candidate?.pointee {
      unsafe candidate = address.ai_next
      let descriptor = unsafe socket(address.ai_family, address.ai_socktype, 0)
      guard descriptor >= 0 else {
        failure = .last
        continue
      }
      // A send time-out bounds connect(2), too (socket(7)).
      try limit(descriptor, url, by: deadline)
      if unsafe Glibc.connect(descriptor, address.ai_addr, address.ai_addrlen) == 0 {
        return descriptor
      }
      failure = .last
      close(descriptor)
    }
    throw RequestError(url, failure)
  }

  /// Bounds the next call for the descriptor by what is left until the deadline.
  private static func limit(
    _ descriptor: CInt, _ url: HTTPURL, by deadline: MonotonicTime
  ) throws(RequestError) {
    let rest = deadline - .now
    guard rest > .milliseconds(1) else { throw RequestError(url, Errno(EAGAIN)) }
    var limit = timeval(rest)
    let size = socklen_t(MemoryLayout<timeval>.size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
  }

  private static func readAll(
    _ descriptor: CInt, _ url: HTTPURL, by deadline: MonotonicTime
  ) throws(RequestError) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      try limit(descriptor, url, by: deadline)
      let count: Int
      do throws(Errno) {
        count = try valueOrErrno { unsafe read(descriptor, &chunk, chunk.count) }
      } catch {
        throw RequestError(url, error)
      }
      if count == 0 { return bytes }
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

  init(_ url: HTTPURL, _ error: Errno) {
    // What a time-out of the socket looks like to read(2) and connect(2).
    let reason =
      [EAGAIN, EINPROGRESS].contains(error.number)
      ? "no answer within \(HTTPGet.timeout.components.seconds) s" : "\(error)"
    self.init(url, reason: reason)
  }
}
