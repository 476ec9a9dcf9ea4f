/// Where the server listens, as `--web.listen-address` spells it.
///
/// `:10057` (all addresses, IPv6 and IPv4), `127.0.0.1:0` (any free port), `[::1]:10057`,
/// `localhost:10057`, `unix:/run/page-migration-exporter.sock` or `vsock://:10057` (to the machine that
/// this one is a guest of, or to its guests).
package enum ListenAddress: Hashable, Sendable {
  /// `host` is nil for all addresses.
  case tcp(host: String?, port: UInt16)
  case unix(path: String)
  case vsock(port: UInt32)

  /// Ours among the ports of Prometheus exporters.
  package static let defaultPort: UInt16 = 10057

  /// Nil unless `text` is an address as above.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      // sockaddr_un has 108 bytes with the NUL (unix(7)).
      guard !path.isEmpty, path.utf8.count < 108 else { return nil }
      self = .unix(path: path)
      return
    }
    if text.hasPrefix("vsock://") {
      // The largest number asks the kernel for any port, which 0 does here.
      guard text.dropFirst(8).hasPrefix(":"), let port: UInt32 = number(text.dropFirst(9)),
        port < .max
      else { return nil }
      self = .vsock(port: port)
      return
    }
    guard let colon = text.lastIndex(of: ":"),
      let port: UInt16 = number(text[text.index(after: colon)...])
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

/// Nil unless `text` is digits alone, and not too many.
private func number<Number: FixedWidthInteger>(_ text: Substring) -> Number? {
  guard text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
  return Number(text)
}

extension ListenAddress {
  /// Where the socket's file is. Nil where it has none.
  package var folder: String? {
    guard case .unix(let path) = self else { return nil }
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

extension ListenAddress: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .vsock(let port): "vsock://:\(port)"
    case .tcp(let host?, let port) where host.contains(":"): "[\(host)]:\(port)"
    case .tcp(let host, let port): "\(host ?? ""):\(port)"
    }
  }
}
