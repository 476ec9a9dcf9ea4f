/// Where the server listens, as `--web.listen-address` spells it.
///
/// `:10057` (all addresses, IPv6 and IPv4), `127.0.0.1:0` (any free port), `[::1]:10057`,
/// `localhost:10057` or `unix:/run/page-migration-exporter.sock`.
package enum ListenAddress: Hashable, Sendable {
  /// `host` is nil for all addresses.
  case tcp(host: String?, port: UInt16)
  case unix(path: String)

  /// Nil unless `text` is an address as above.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      // sockaddr_un has 108 bytes with the NUL (unix(7)).
      guard !path.isEmpty, path.utf8.count < 108 else { return nil }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      case let digits = text[text.index(after: colon)...],
      !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = UInt16(digits)
    else { return nil }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
      guard host.contains(":") else { return nil }
    } else if host.contains(":") || host.contains("[") || host.contains("]") {
      return nil
    }
    self = .tcp(host: host.isEmpty ? nil : String(host), port: port)
  }
}

extension ListenAddress: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host?, let port) where host.contains(":"): "[\(host)]:\(port)"
    case .tcp(let host, let port): "\(host ?? ""):\(port)"
    }
  }
}
