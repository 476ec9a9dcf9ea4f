internal import CGnuTLS

/// Why settings of TLS cannot be used, and which of them is to blame.
package struct TLSProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Part: Sendable {
    case certificate, key, clientCAs, suites, other
  }

  package let part: Part
  package let description: String

  init(_ part: Part, _ description: String) {
    (self.part, self.description) = (part, description)
  }

  /// What GnuTLS calls a code: `The given PKCS #11 URI is not acceptable.` without its full stop.
  static func words(_ code: CInt) -> String {
    var words = unsafe String(cString: gnutls_strerror(code))
    if words.hasSuffix(".") { words.removeLast() }
    return words
  }
}
