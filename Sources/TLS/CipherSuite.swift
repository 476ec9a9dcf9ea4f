/// A cipher suite by the name that Go has for it, as web configurations do, and what GnuTLS calls its
/// parts. Suites that crypto/tls calls insecure are not here, but for those with RSA key exchange and
/// AES, which it took until Go 1.22.
package struct CipherSuite: Hashable, Sendable {
  package let name: String
  /// Nil for a suite of TLS 1.3, which is independent of the certificate.
  let keyExchange: KeyExchange?
  let cipher: String
  let mac: String

  enum KeyExchange: String, Sendable {
    case ecdheECDSA = "ECDHE-ECDSA"
    case ecdheRSA = "ECDHE-RSA"
    case rsa = "RSA"
  }

  /// Nil unless Go has a suite of that name, and offers it.
  package init?(_ name: String) {
    guard let suite = Self.all.first(where: { $0.name == name }) else { return nil }
    self = suite
  }

  private init(_ name: String, _ keyExchange: KeyExchange?, _ cipher: String, _ mac: String) {
    (self.name, self.keyExchange, self.cipher, self.mac) = (name, keyExchange, cipher, mac)
  }

  package static let all: [CipherSuite] = [
    CipherSuite("TLS_AES_128_GCM_SHA256", nil, "AES-128-GCM", "AEAD"),
    CipherSuite("TLS_AES_256_GCM_SHA384", nil, "AES-256-GCM", "AEAD"),
    CipherSuite("TLS_CHACHA20_POLY1305_SHA256", nil, "CHACHA20-POLY1305", "AEAD"),
    CipherSuite(
      "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", .ecdheECDSA, "AES-128-CBC", "SHA1"),
    CipherSuite(
      "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", .ecdheECDSA, "AES-256-CBC", "SHA1"),
    CipherSuite("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", .ecdheRSA, "AES-128-CBC", "SHA1"),
    CipherSuite("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", .ecdheRSA, "AES-256-CBC", "SHA1"),
    CipherSuite(
      "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", .ecdheECDSA, "AES-128-GCM", "AEAD"),
    CipherSuite(
      "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", .ecdheECDSA, "AES-256-GCM", "AEAD"),
    CipherSuite("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", .ecdheRSA, "AES-128-GCM", "AEAD"),
    CipherSuite("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", .ecdheRSA, "AES-256-GCM", "AEAD"),
    CipherSuite(
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", .ecdheRSA, "CHACHA20-POLY1305", "AEAD"),
    CipherSuite(
      "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", .ecdheECDSA, "CHACHA20-POLY1305", "AEAD"),
    CipherSuite("TLS_RSA_WITH_AES_128_CBC_SHA", .rsa, "AES-128-CBC", "SHA1"),
    CipherSuite("TLS_RSA_WITH_AES_256_CBC_SHA", .rsa, "AES-256-CBC", "SHA1"),
    CipherSuite("TLS_RSA_WITH_AES_128_GCM_SHA256", .rsa, "AES-128-GCM", "AEAD"),
    CipherSuite("TLS_RSA_WITH_AES_256_GCM_SHA384", .rsa, "AES-256-GCM", "AEAD"),
  ]

  /// What a server offers that is told nothing: with authenticated encryption and forward secrecy.
  static let modern = all.filter {
    $0.mac == "AEAD" && ($0.keyExchange == .ecdheECDSA || $0.keyExchange == .ecdheRSA)
  }

  /// What TLS 1.0 and 1.1 need beside those.
  static let old = all.filter {
    $0.mac == "SHA1" && ($0.keyExchange == .ecdheECDSA || $0.keyExchange == .ecdheRSA)
  }
}

/// An elliptic curve for the key exchange, by its name in Go.
package enum Curve: String, CaseIterable, Sendable {
  case p256 = "CurveP256"
  case p384 = "CurveP384"
  case p521 = "CurveP521"
  case x25519 = "X25519"

  var priority: String {
    switch self {
    case .p256: "GROUP-SECP256R1"
    case .p384: "GROUP-SECP384R1"
    case .p521: "GROUP-SECP521R1"
    case .x25519: "GROUP-X25519"
    }
  }

  /// The order of a server that is told none.
  static let usual: [Curve] = [.x25519, .p256, .p384, .p521]
}
