/// The URL of another exporter: `https://host:10057` or `http://[::1]:10057/rates?format=json`.
package struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
  package let isSecure: Bool
  package let host: String
  package let port: String
  /// With its slash, and the query.
  package let path: String

  /// Nil unless `text` is one, without a name or a password in it.
  package init?(_ text: String) {
    isSecure = text.hasPrefix("https://")
    let scheme = isSecure ? "https://" : "http://"
    guard text.hasPrefix(scheme), !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
      return nil
    }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let tail = rest.dropFirst(authority.count)
    path = tail.isEmpty ? "/" : tail.hasPrefix("/") ? String(tail) : "/" + tail
    // An IPv6 address has colons, and so stands in brackets (RFC 3986, section 3.2.2).
    var end = authority.firstIndex(of: ":") ?? authority.endIndex
    if authority.hasPrefix("[") {
      guard let bracket = authority.firstIndex(of: "]") else { return nil }
      host = String(authority[..<bracket].dropFirst())
      end = authority.index(after: bracket)
      guard host.contains(":") else { return nil }
    } else {
      host = String(authority[..<end])
    }
    let portPart = authority[end...]
    port = portPart.isEmpty ? (isSecure ? "443" : "80") : String(portPart.dropFirst())
    guard portPart.isEmpty || portPart.hasPrefix(":"), !host.isEmpty,
      !host.utf8.contains(where: { "[]@".utf8.contains($0) }),
      port.utf8.allSatisfy({ (0x30...0x39).contains($0) }), UInt16(port) != nil
    else { return nil }
  }

  /// Where `serve` listens unless it is told otherwise.
  package static let local = HTTPURL(isSecure: false, host: "localhost", port: "10057", path: "/")

  private init(isSecure: Bool, host: String, port: String, path: String) {
    (self.isSecure, self.host, self.port, self.path) = (isSecure, host, port, path)
  }

  /// The same exporter, asked for something else.
  package func with(path: String) -> HTTPURL {
    HTTPURL(isSecure: isSecure, host: host, port: port, path: path)
  }

  /// As the Host header has it.
  package var hostAndPort: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

  /// Without its path: `http://localhost:10057`.
  package var origin: String { "\(isSecure ? "https" : "http")://\(hostAndPort)" }

  package var description: String { origin + path }
}
