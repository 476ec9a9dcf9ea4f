internal import Glibc
internal import System
import TLS

package struct HTTPAnswer: Sendable {
  package let status: Int
  package let headers: [(name: String, value: String)]
  package let body: [UInt8]

  package var text: String { String(decoding: body, as: UTF8.self) }

  /// Nil where the answer has no such header.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// A connection on which a test says exactly what it wants, byte for byte.
package final class HTTPConnection: Sendable {
  private let descriptor: CInt
  private let tls: ClientSession?
  private let received = ReceivedBytes()

  /// - Parameters:
  ///   - address: `127.0.0.1:80`, `[::1]:80` or `unix:/path`.
  ///   - authority: in PEM, whom a server is trusted by that is spoken to over TLS. What is sent at
  ///     once is one record then.
  package init(_ address: String, trusting authority: [UInt8]? = nil) throws {
    descriptor = try address.hasPrefix("unix:") ? connectUnix(address) : connectTCP(address)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    tls = try authority.map { [descriptor] in try ClientSession(descriptor, $0) }
  }

  deinit { close(descriptor) }

  package func send(_ text: String) throws { try send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) throws {
    if let tls { return try tls.client.write(bytes, by: .now + .seconds(20)) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw systemFailure("send") }
      rest = rest.dropFirst(count)
    }
  }

  /// Says that nothing more comes.
  package func finishSending() throws {
    guard shutdown(descriptor, CInt(SHUT_WR)) == 0 else { throw systemFailure("shutdown") }
  }

  package func sending(_ texts: [String]) throws -> HTTPConnection {
    for text in texts { try send(text) }
    return self
  }

  package func get(_ path: String, _ headers: [String] = []) throws -> HTTPAnswer {
    try request("GET", path, headers)
  }

  package func request(
    _ method: String, _ path: String, _ headers: [String] = []
  ) throws -> HTTPAnswer {
    let lines = ["\(method) \(path) HTTP/1.1", "Host: test"] + headers
    try send(lines.joined(separator: "\r\n") + "\r\n\r\n")
    return try answer(hasBody: method != "HEAD")
  }

  /// The next answer. What comes behind it is kept for the one after it.
  package func answer(hasBody: Bool = true) throws -> HTTPAnswer {
    var head: [UInt8] = []
    while !head.ends(with: "\r\n\r\n".utf8) {
      let line = try receiveLine()
      head += line
      guard line.last == 0x0a else {
        throw Failure("closed after '\(String(decoding: head, as: UTF8.self))'")
      }
    }
    var lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")[...]
    let statusLine = lines.removeFirst().split(separator: " ")
    guard statusLine.count >= 2, let status = Int(statusLine[1]) else {
      throw Failure("'\(statusLine)' is no status line")
    }
    let headers = lines.map { line in
      let pair = line.split(separator: ":", maxSplits: 1)
      return (name: String(pair[0]), value: String(pair.count == 2 ? pair[1].dropFirst() : ""))
    }
    if status == 100 { return try answer(hasBody: hasBody) }
    let empty = HTTPAnswer(status: status, headers: headers, body: [])
    guard hasBody else { return empty }
    if empty.header("Transfer-Encoding") == "chunked" {
      return HTTPAnswer(status: status, headers: headers, body: try chunks())
    }
    guard let length = empty.header("Content-Length").flatMap({ Int($0) }) else {
      return HTTPAnswer(status: status, headers: headers, body: try rest())
    }
    return HTTPAnswer(status: status, headers: headers, body: try receive(length))
  }

  private func chunks() throws -> [UInt8] {
    var body: [UInt8] = []
    while true {
      let line = String(decoding: try receiveLine(), as: UTF8.self)
      guard line.hasSuffix("\r\n"), let size = Int(line.dropLast(), radix: 16) else {
        throw Failure("'\(line)' is no size")
      }
      body += try receive(size)
      _ = try receive(2)
      if size == 0 { return body }
    }
  }

  /// All that comes until the other side closes.
  package func rest() throws -> [UInt8] { try receive(.max) }

  private func receive(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, try hasReceived() { bytes += received.take(count - bytes.count) }
    return bytes
  }

  /// With its line feed, unless the other side has closed before.
  private func receiveLine() throws -> [UInt8] {
    var line: [UInt8] = []
    while line.last != 0x0a, try hasReceived() { line += received.takeLine() }
    return line
  }

  /// Whether there are bytes to be taken; false at the end.
  private func hasReceived() throws -> Bool {
    guard received.isEmpty else { return true }
    var piece = [UInt8](repeating: 0, count: 64 << 10)
    let count = try receive(into: &piece)
    received.fill(piece.prefix(count))
    return count > 0
  }

  /// 0 at the end.
  private func receive(into piece: inout [UInt8]) throws -> Int {
    if let tls { return try tls.client.read(into: &piece, by: .now + .seconds(20)) }
    let got = recv(descriptor, &piece, piece.count, 0)
    if got < 0, errno == ECONNRESET { return 0 }
    guard got >= 0 else { throw systemFailure("receive") }
    return got
  }
}

/// What has come and has not been taken yet.
///
/// @unchecked: a test uses a connection on one thread at a time.
private final class ReceivedBytes: @unchecked Sendable {
  private var bytes: ArraySlice<UInt8> = []

  var isEmpty: Bool { bytes.isEmpty }

  func fill(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  func take(_ count: Int) -> ArraySlice<UInt8> {
    let taken = bytes.prefix(count)
    bytes = bytes.dropFirst(count)
    return taken
  }

  /// Up to the first line feed, or all.
  func takeLine() -> ArraySlice<UInt8> {
    take((bytes.firstIndex(of: 0x0a) ?? bytes.endIndex - 1) + 1 - bytes.startIndex)
  }
}

/// @unchecked: a test uses a connection on one thread at a time.
private final class ClientSession: @unchecked Sendable {
  let client: ClientTLS

  init(_ descriptor: CInt, _ authority: [UInt8]) throws {
    var identity = ClientTLS.Identity()
    identity.authorities = authority
    client = try ClientTLS(descriptor, host: "127.0.0.1", identity, by: .now + .seconds(20))
  }
}

extension [UInt8] {
  fileprivate func ends(with other: some Collection<UInt8>) -> Bool {
    suffix(other.count).elementsEqual(other)
  }
}

private func connectTCP(_ address: String) throws -> CInt {
  let colon = address.lastIndex(of: ":")!
  let host = address[..<colon].filter { $0 != "[" && $0 != "]" }
  var hints = addrinfo()
  hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
  var list: UnsafeMutablePointer<addrinfo>?
  guard getaddrinfo(host, String(address[address.index(after: colon)...]), &hints, &list) == 0,
    let found = list
  else { throw Failure("\(address) is no address") }
  defer { freeaddrinfo(list) }
  let descriptor = socket(
    found.pointee.ai_family, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  // As Prometheus has it: otherwise the first request waits 40 ms behind the end of a handshake.
  var isOn: CInt = 1
  setsockopt(
    descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &isOn, socklen_t(MemoryLayout<CInt>.size))
  guard connect(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
    defer { close(descriptor) }
    throw systemFailure("connect to \(address)")
  }
  return descriptor
}

private func connectUnix(_ address: String) throws -> CInt {
  var name = unixName(String(address.dropFirst("unix:".count)))
  let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  guard withSockaddr(&name, { connect(descriptor, $0, $1) }) == 0 else {
    defer { close(descriptor) }
    throw systemFailure("connect to \(address)")
  }
  return descriptor
}

private func unixName(_ path: String) -> sockaddr_un {
  var name = sockaddr_un()
  name.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
  return name
}

private func withSockaddr(
  _ name: inout sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
) -> CInt {
  withUnsafePointer(to: &name) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// Leaves a socket's file behind, as a process that was killed does.
package func leaveSocket(at path: String) throws {
  var name = unixName(path)
  let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  let result = withSockaddr(&name) { bind(descriptor, $0, $1) }
  guard result == 0, listen(descriptor, 1) == 0 else { throw systemFailure("listen on \(path)") }
}
