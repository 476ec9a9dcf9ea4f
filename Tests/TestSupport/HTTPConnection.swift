internal import Glibc

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

  /// - Parameter address: `127.0.0.1:80`, `[::1]:80` or `unix:/path`.
  package init(_ address: String) throws {
    descriptor = try address.hasPrefix("unix:") ? connectUnix(address) : connectTCP(address)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  package func send(_ text: String) throws { try send(Array(text.utf8)) }

  package func send(_ bytes: [UInt8]) throws {
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

  /// The next answer. Nothing behind it is taken.
  package func answer(hasBody: Bool = true) throws -> HTTPAnswer {
    var head: [UInt8] = []
    while !head.ends(with: "\r\n\r\n".utf8) {
      let byte = try receive(1)
      guard !byte.isEmpty else {
        throw Failure("closed after '\(String(decoding: head, as: UTF8.self))'")
      }
      head += byte
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
      var line = ""
      while !line.hasSuffix("\r\n") { line += String(decoding: try receive(1), as: UTF8.self) }
      guard let size = Int(line.dropLast(), radix: 16) else {
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
    var piece = [UInt8](repeating: 0, count: min(count, 64 << 10))
    while bytes.count < count {
      let got = recv(descriptor, &piece, min(piece.count, count - bytes.count), 0)
      if got < 0, errno == ECONNRESET { return bytes }
      guard got >= 0 else { throw systemFailure("receive") }
      guard got > 0 else { return bytes }
      bytes += piece.prefix(got)
    }
    return bytes
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
