internal import Glibc
internal import System
internal import TLS
internal import Views

/// One GET over HTTP/1.0, which is all that `watch --url` needs: no redirects.
package enum HTTPGet {
  /// For all of it: connecting, asking and reading the answer.
  package static let timeout = Duration.seconds(5)
  /// Bytes of an answer.
  package static let sizeLimit = 4 << 20

  /// The body of a 200 answer.
  package static func body(
    of url: HTTPURL, _ access: RemoteAccess = RemoteAccess()
  ) throws(RequestError) -> [UInt8] {
    let deadline = MonotonicTime.now + timeout
    let descriptor = try connect(to: url, by: deadline)
    defer { close(descriptor) }
    let request =
      "GET \(url.path) HTTP/1.0\r\nHost: \(url.hostAndPort)\r\nAccept: application/json\r\n"
      + "\(access.authorization)\r\n"
    let tls = try handshake(descriptor, url, access, by: deadline)
    try write(Array(request.utf8), descriptor, tls, url, by: deadline)
    return try body(ofAnswer: readAll(descriptor, tls, url, by: deadline), url)
  }

  /// Nil where the URL asks for none.
  private static func handshake(
    _ descriptor: CInt, _ url: HTTPURL, _ access: RemoteAccess, by deadline: MonotonicTime
  ) throws(RequestError) -> ClientTLS? {
    guard url.isSecure else { return nil }
    do throws(TLSProblem) {
      return try ClientTLS(
        descriptor, host: url.host, access.identity, by: deadline)
    } catch {
      throw RequestError(url, error)
    }
  }

  private static func write(
    _ bytes: [UInt8], _ descriptor: CInt, _ tls: ClientTLS?, _ url: HTTPURL,
    by deadline: MonotonicTime
  ) throws(RequestError) {
    guard let tls else {
      do throws(Errno) {
        try writeAll(bytes, to: descriptor)
      } catch {
        throw RequestError(url, error)
      }
      return
    }
    do throws(TLSProblem) {
      try tls.write(bytes, by: deadline)
    } catch {
      throw RequestError(url, error)
    }
  }

  private static func connect(
    to url: HTTPURL, by deadline: MonotonicTime
  ) throws(RequestError) -> CInt {
    // A resolver that waits for its servers knows no deadline.
    let found = result(by: deadline, hasStandIns: false) { resolve(url) }
    guard let found else { throw RequestError(url, reason: "the name was not found in time") }
    let addresses: [[UInt8]]
    switch found {
    case .success(let list): addresses = list
    case .failure(let unresolved): throw RequestError(url, reason: unresolved.reason)
    }
    var failure = Errno(ECONNREFUSED)
    for address in addresses {
      let family = unsafe address.withUnsafeBytes { unsafe $0.loadUnaligned(as: sa_family_t.self) }
      let descriptor = socket(CInt(family), CInt(SOCK_STREAM.rawValue), 0)
      guard descriptor >= 0 else {
        failure = .last
        continue
      }
      // A send time-out bounds connect(2), too (socket(7)).
      try limit(descriptor, url, by: deadline)
      let isConnected = unsafe address.withUnsafeBytes { bytes in
        unsafe Glibc.connect(
          descriptor, bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self),
          socklen_t(bytes.count)) == 0
      }
      if isConnected { return descriptor }
      failure = .last
      close(descriptor)
    }
    throw RequestError(url, failure)
  }

  private struct Unresolved: Error {
    let reason: String
  }

  /// The addresses of the URL's host, each as C has it.
  private static func resolve(_ url: HTTPURL) -> Result<[[UInt8]], Unresolved> {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = unsafe getaddrinfo(url.host, url.port, &hints, &list)
    guard code == 0 else {
      return .failure(Unresolved(reason: unsafe String(cString: gai_strerror(code))))
    }
    defer { unsafe freeaddrinfo(list) }
    var addresses: [[UInt8]] = []
    var candidate = unsafe list
    while let address = unsafe candidate?.pointee {
      unsafe candidate = address.ai_next
      let bytes = unsafe UnsafeRawBufferPointer(
        start: address.ai_addr, count: Int(address.ai_addrlen))
      addresses.append(unsafe Array(bytes))
    }
    return .success(addresses)
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
    _ descriptor: CInt, _ tls: ClientTLS?, _ url: HTTPURL, by deadline: MonotonicTime
  ) throws(RequestError) -> [UInt8] {
    var bytes: [UInt8] = []
    /// Of the head and the body. Nil where it is not known.
    var length: Int?
    var chunk = [UInt8](repeating: 0, count: 16 << 10)
    while true {
      try limit(descriptor, url, by: deadline)
      let count = try read(descriptor, tls, url, into: &chunk, by: deadline)
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      // Not every server closes the connection, as HTTP/1.0 would have it.
      if length == nil { length = wholeLength(ofAnswer: bytes) }
      if let length, bytes.count >= length { return Array(bytes[..<length]) }
      guard bytes.count <= sizeLimit else {
        throw RequestError(url, reason: "the answer is longer than \(sizeLimit) bytes")
      }
    }
  }

  private static func read(
    _ descriptor: CInt, _ tls: ClientTLS?, _ url: HTTPURL, into chunk: inout [UInt8],
    by deadline: MonotonicTime
  ) throws(RequestError) -> Int {
    guard let tls else {
      do throws(Errno) {
        return try valueOrErrno { unsafe Glibc.read(descriptor, &chunk, chunk.count) }
      } catch {
        throw RequestError(url, error)
      }
    }
    do throws(TLSProblem) {
      return try tls.read(into: &chunk, by: deadline)
    } catch {
      throw RequestError(url, error)
    }
  }

  private static func body(
    ofAnswer bytes: [UInt8], _ url: HTTPURL
  ) throws(RequestError) -> [UInt8] {
    guard let end = endOfHead(bytes),
      case let status = String(decoding: bytes.prefix { $0 != 0x0d }, as: UTF8.self),
      status.hasPrefix("HTTP/1.")
    else { throw RequestError(url, reason: "the answer is not HTTP") }
    guard status.split(separator: " ").dropFirst().first == "200" else {
      throw RequestError(
        url, reason: "the answer is \(printable(String(status.dropFirst(9).prefix(60))))")
    }
    let body = Array(bytes[(end + headEnd.count)...])
    if let length = contentLength(String(decoding: bytes[..<end], as: UTF8.self)),
      body.count < length
    {
      throw RequestError(
        url, reason: "the answer was cut short, after \(body.count) of \(length) bytes")
    }
    return body
  }

  private static let headLimit = 64 << 10
  private static let headEnd = Array("\r\n\r\n".utf8)

  /// Where the empty line begins that ends the head. Nil where it has not come.
  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    bytes.prefix(headLimit).indices.first { bytes[$0...].starts(with: headEnd) }
  }

  /// Nil where the head has not come, or does not say how long the body is.
  private static func wholeLength(ofAnswer bytes: [UInt8]) -> Int? {
    guard let end = endOfHead(bytes),
      let length = contentLength(String(decoding: bytes[..<end], as: UTF8.self)), length >= 0
    else { return nil }
    let (sum, overflow) = length.addingReportingOverflow(end + headEnd.count)
    return overflow ? nil : sum
  }

  /// Nil where the head does not say how long its body is.
  private static func contentLength(_ head: String) -> Int? {
    let name = "content-length:"
    for line in head.lowercased().split(separator: "\r\n") where line.hasPrefix(name) {
      return Int(line.dropFirst(name.utf8.count).drop { $0 == " " })
    }
    return nil
  }
}

/// A request that failed: `cannot get http://host:10057/rates: Connection refused`.
package struct RequestError: Error, Equatable, CustomStringConvertible {
  package let description: String

  init(_ url: HTTPURL, reason: String) { description = "cannot get \(url): \(reason)" }

  init(_ url: HTTPURL, _ problem: TLSProblem) {
    if problem.isTimeOut {
      self.init(url, Errno(EAGAIN))
    } else {
      self.init(url, reason: "\(problem)")
    }
  }

  init(_ url: HTTPURL, _ error: Errno) {
    // What a time-out of the socket looks like to read(2) and connect(2).
    let reason =
      switch error.number {
      case EAGAIN, EINPROGRESS: "no answer within \(HTTPGet.timeout.components.seconds) s"
      case ECONNREFUSED: "\(error); no exporter listens there (its default port is 10057)"
      default: "\(error)"
      }
    self.init(url, reason: reason)
  }
}
