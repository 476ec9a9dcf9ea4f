internal import CMicrohttpd
internal import Glibc
internal import System

/// An answer to what is no request: sent without the library, which never sees the request.
package struct Refusal: Equatable, Sendable {
  package let status: Int
  package let reason: String
  /// Whether the body is sent that the head speaks of.
  var hasBody = true

  init(_ status: Int, _ reason: String) {
    self.status = status
    self.reason = reason
  }

  static func bad(_ reason: String) -> Refusal { Refusal(400, reason) }

  private static let words = [
    400: "Bad Request", 408: "Request Timeout", 414: "URI Too Long", 417: "Expectation Failed",
    431: "Request Header Fields Too Large", 501: "Not Implemented",
    505: "HTTP Version Not Supported",
  ]

  /// The answer as a whole.
  var bytes: [UInt8] {
    let body = "\(status): \(reason)\n"
    let text = """
      HTTP/1.1 \(status) \(Self.words[status] ?? "Error")\r
      Date: \(UnixTime.now.httpDate)\r
      Content-Type: text/plain; charset=utf-8\r
      X-Content-Type-Options: nosniff\r
      Cache-Control: no-store\r
      Content-Length: \(body.utf8.count)\r
      Connection: close\r
      \r
      \(hasBody ? body : "")
      """
    return Array(text.utf8)
  }

  /// Sends it and says that nothing more comes.
  func send(to descriptor: CInt) {
    // It fits in what the kernel has free for a connection that has been sent nothing else.
    _ = unsafe bytes.withUnsafeBytes {
      unsafe Glibc.send(
        descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
    }
    shutdown(descriptor, CInt(SHUT_WR))
  }
}
