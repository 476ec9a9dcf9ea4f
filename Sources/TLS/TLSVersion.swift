/// A version of TLS, by the name that web configurations have for it.
package enum TLSVersion: String, CaseIterable, Comparable, Sendable {
  case tls10 = "TLS10"
  case tls11 = "TLS11"
  case tls12 = "TLS12"
  case tls13 = "TLS13"

  /// As people write it: `1.2`.
  package var number: String {
    switch self {
    case .tls10: "1.0"
    case .tls11: "1.1"
    case .tls12: "1.2"
    case .tls13: "1.3"
    }
  }

  package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }

  /// In a priority string of GnuTLS.
  var priority: String { "VERS-TLS\(number)" }
}
