/// The names under which people may look at this host.
///
/// The page of a foreign site can let its own name lead here (DNS rebinding): then the browser takes
/// what is read from here for that site's. It can do so with names of the world's DNS alone, so an
/// address, a name that only a private network knows and this host's own are trusted.
package struct TrustedHosts: Sendable {
  private let own: String?
  private let named: Set<String>

  /// - Parameters:
  ///   - own: this host's name, with or without its domain. Nil where it is not known.
  ///   - named: others that are trusted.
  package init(own: String?, named: [String] = []) {
    self.own = own?.lowercased()
    self.named = Set(named.map { $0.lowercased() })
  }

  /// - Parameter header: a Host header, which a check has found to be one. Nil where there is none, as
  ///   no browser does it.
  package func trusts(_ header: String?) -> Bool {
    guard let header, !header.isEmpty, header.first != "[" else { return true }
    var host = header.lowercased().prefix { $0 != ":" }
    if host.last == "." { host.removeLast() }
    let labels = host.split(separator: ".", omittingEmptySubsequences: false)
    guard labels.count > 1 else { return true }
    if host.utf8.allSatisfy({ $0 == 0x2e || (0x30...0x39).contains($0) }) { return true }
    if Self.privateDomains.contains(where: { host.hasSuffix($0) }) { return true }
    return host == own.map { $0[...] } || labels[0] == own.map { $0[...] }
      || named.contains(String(host))
  }

  /// Those that the world's DNS does not have (RFC 6761, 6762, 8375 and ICANN's list).
  private static let privateDomains = [
    ".localhost", ".local", ".internal", ".home.arpa", ".test", ".invalid",
  ]
}
