internal import CGnuTLS

/// What a server speaks, as GnuTLS takes it: gnutls_priority_init(3).
///
/// @unchecked: the pointer never changes, and GnuTLS only reads what is behind it.
@safe final class Priority: @unchecked Sendable {
  let raw: gnutls_priority_t

  /// - Parameters:
  ///   - suites: of TLS up to 1.2; those of 1.3 are always all three, as in Go.
  init(
    _ versions: [TLSVersion], suites: [CipherSuite], curves: [Curve], prefersOwnOrder: Bool
  ) throws(TLSProblem) {
    let kinds = suites.compactMap(\.keyExchange?.rawValue)
    let parts =
      ["NONE", "+CTYPE-X509", "+COMP-NULL", "+SIGN-ALL"] + versions.map { "+\($0.priority)" }
      + unique(kinds).map { "+\($0)" } + unique(suites.map(\.cipher)).map { "+\($0)" }
      + unique(suites.map(\.mac)).map { "+\($0)" } + curves.map { "+\($0.priority)" }
      + (prefersOwnOrder ? ["%SERVER_PRECEDENCE"] : [])
    var raw: gnutls_priority_t?
    let code = unsafe gnutls_priority_init(&raw, parts.joined(separator: ":"), nil)
    guard code == 0, let raw = unsafe raw else {
      throw TLSProblem(.suites, "GnuTLS offers none of this: \(TLSProblem.words(code))")
    }
    unsafe self.raw = raw
  }

  deinit { unsafe gnutls_priority_deinit(raw) }
}

/// Each once, at its first place.
private func unique(_ words: [String]) -> [String] {
  var seen: Set<String> = []
  return words.filter { seen.insert($0).inserted }
}
