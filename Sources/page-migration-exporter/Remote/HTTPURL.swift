internal import ArgumentParser

/// The URL of another exporter: `http://host:10057` or `http://[::1]:10057/rates?format=json`.
struct HTTPURL: Hashable, ExpressibleByArgument, CustomStringConvertible {
  let host: String
  let port: String
  /// With its slash, and the query.
  let path: String

  init?(argument text: String) {
    let scheme = "http://"
    guard text.hasPrefix(scheme), !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
      return nil
    }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let tail = rest.dropFirst(authority.count)
    path = tail.isEmpty ? "/" : tail.hasPrefix("/") ? String(tail) : "/" + tail
    let end = authority.lastIndex(of: "]").map { authority.index(after: $0) }
    let colon = authority[(end ?? authority.startIndex)...].lastIndex(of: ":")
    host = authority[..<(colon ?? authority.endIndex)].filter { $0 != "[" && $0 != "]" }
    port = colon.map { String(authority[authority.index(after: $0)...]) } ?? "80"
    guard !host.isEmpty, UInt16(port) != nil, !authority.contains("@") else { return nil }
  }

  /// Where `serve` listens unless it is told otherwise.
  static let local = HTTPURL(host: "localhost", port: "10057", path: "/")

  private init(host: String, port: String, path: String) {
    (self.host, self.port, self.path) = (host, port, path)
  }

  func with(path: String) -> HTTPURL { HTTPURL(host: host, port: port, path: path) }

  var hostAndPort: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  var defaultValueDescription: String { "http://\(hostAndPort)" }

  var description: String { "http://\(hostAndPort)\(path)" }
}
