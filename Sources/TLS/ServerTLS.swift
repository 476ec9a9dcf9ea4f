package import CGnuTLS
internal import Glibc
package import System

/// What a server is asked to do about certificates of its clients: Go's names (crypto/tls).
package enum ClientAuthentication: String, CaseIterable, Sendable {
  case none = "NoClientCert"
  case request = "RequestClientCert"
  case requireAny = "RequireAnyClientCert"
  case verifyIfGiven = "VerifyClientCertIfGiven"
  case requireAndVerify = "RequireAndVerifyClientCert"

  package var isRequired: Bool { self == .requireAny || self == .requireAndVerify }
  package var isVerified: Bool { self == .verifyIfGiven || self == .requireAndVerify }
}

/// The settings of a server's TLS.
package struct ServerTLSSettings: Sendable {
  /// In PEM, the leaf first.
  package var certificate: [UInt8] = []
  package var key: [UInt8] = []
  package var clientAuthentication = ClientAuthentication.none
  /// In PEM. Nil for those that the system trusts.
  package var clientCAs: [UInt8]?
  /// A client's certificate must have one of these names. Nil for any.
  package var clientNames: Set<String>?
  package var minimum = TLSVersion.tls12
  package var maximum = TLSVersion.tls13
  /// Of TLS up to 1.2. Nil for the usual ones.
  package var suites: [CipherSuite]?
  package var curves: [Curve]?
  package var prefersOwnOrder = true

  package init() {}
}

/// A server's side of TLS, ready for any number of connections at once. It never changes: new
/// settings are another one, and connections that began with this one keep it.
///
/// @unchecked: GnuTLS only reads what is behind the pointers, once they are set up (its manual,
/// section 6.10, thread safety).
@safe package final class ServerTLS: @unchecked Sendable {
  package let settings: ServerTLSSettings
  /// When the first of its certificates to end ends.
  package let notAfter: UnixTime
  /// From when its certificate holds.
  package let notBefore: UnixTime
  private let credentials: gnutls_certificate_credentials_t
  /// What is offered before the client has said which version it speaks.
  private let any: Priority
  /// What is offered then, to TLS 1.3 and to older versions. Nil where it is as before.
  private let byVersion: (newest: Priority?, older: Priority?)?

  package init(_ settings: ServerTLSSettings) throws(TLSProblem) {
    self.settings = settings
    let chain = try Certificates(pem: settings.certificate, .certificate)
    (notAfter, notBefore) = (chain.notAfter, chain.notBefore)
    let offer = try Offer(settings, for: chain)
    (any, byVersion) = (offer.any, offer.byVersion)
    var made: gnutls_certificate_credentials_t?
    guard unsafe gnutls_certificate_allocate_credentials(&made) == 0, let made = unsafe made else {
      throw TLSProblem(.other, "no memory")
    }
    unsafe credentials = made
    try use(chain)
    try trustClients()
    unsafe gnutls_certificate_set_verify_function(credentials, verifyClient)
  }

  deinit { unsafe gnutls_certificate_free_credentials(credentials) }

  private func use(_ chain: Certificates) throws(TLSProblem) {
    var key: gnutls_x509_privkey_t?
    guard unsafe gnutls_x509_privkey_init(&key) == 0 else { throw TLSProblem(.other, "no memory") }
    defer { unsafe gnutls_x509_privkey_deinit(key) }
    let code = unsafe withDatum(settings.key) {
      unsafe gnutls_x509_privkey_import2(key, $0, GNUTLS_X509_FMT_PEM, nil, 0)
    }
    switch code {
    case 0: break
    case GNUTLS_E_DECRYPTION_FAILED:
      throw TLSProblem(.key, "holds a key that is encrypted, and there is no password for it")
    default: throw TLSProblem(.key, "holds no private key that can be read")
    }
    let result = unsafe gnutls_certificate_set_x509_key(
      credentials, chain.list, CInt(chain.count), key)
    switch result {
    case 0...: break
    case GNUTLS_E_CERTIFICATE_KEY_MISMATCH:
      throw TLSProblem(.key, "holds the key of another certificate")
    default: throw TLSProblem(.key, "cannot be used: \(TLSProblem.words(result))")
    }
  }

  private func trustClients() throws(TLSProblem) {
    guard settings.clientAuthentication != .none else { return }
    guard let authorities = settings.clientCAs else {
      if settings.clientAuthentication.isVerified {
        unsafe gnutls_certificate_set_x509_system_trust(credentials)
      }
      return
    }
    let trusted = try Certificates(pem: authorities, .clientCAs)
    let code = unsafe gnutls_certificate_set_x509_trust(
      credentials, trusted.list, CInt(trusted.count))
    guard code >= 0 else {
      throw TLSProblem(.clientCAs, "cannot be used: \(TLSProblem.words(code))")
    }
  }

  // MARK: A connection

  /// Sets up a session of the server's that has not begun to shake hands. The caller keeps this
  /// object until the session has ended.
  package func prepare(_ session: gnutls_session_t) {
    unsafe gnutls_session_set_ptr(session, Unmanaged.passUnretained(self).toOpaque())
    unsafe gnutls_credentials_set(
      session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials))
    unsafe gnutls_priority_set(session, any.raw)
    unsafe gnutls_handshake_set_max_packet_length(session, Self.handshakeBytes)
    let request =
      switch settings.clientAuthentication {
      case .none: GNUTLS_CERT_IGNORE
      case .request, .verifyIfGiven: GNUTLS_CERT_REQUEST
      case .requireAny, .requireAndVerify: GNUTLS_CERT_REQUIRE
      }
    unsafe gnutls_certificate_server_set_request(session, request)
    if byVersion != nil {
      unsafe gnutls_handshake_set_post_client_hello_function(session, chooseForVersion)
    }
  }

  /// Of one message of a handshake: enough for a long chain of certificates.
  private static let handshakeBytes = 64 << 10

  fileprivate func choose(for session: gnutls_session_t) -> CInt {
    let isNewest = unsafe gnutls_protocol_get_version(session) == GNUTLS_TLS1_3
    guard let choice = isNewest ? byVersion?.newest : byVersion?.older else { return 0 }
    return unsafe gnutls_priority_set(session, choice.raw)
  }

  /// Whether the client may stay, by its certificate.
  fileprivate func accepts(_ session: gnutls_session_t) -> Bool {
    guard settings.clientAuthentication != .none else { return true }
    var count: CUnsignedInt = 0
    guard let chain = unsafe gnutls_certificate_get_peers(session, &count), count > 0 else {
      return !settings.clientAuthentication.isRequired
    }
    if settings.clientAuthentication.isVerified {
      guard unsafe isTrusted(session) else { return false }
    }
    guard let allowed = settings.clientNames else { return true }
    return unsafe !allowed.isDisjoint(with: alternativeNames(der: chain[0]))
  }

  private func isTrusted(_ session: gnutls_session_t) -> Bool {
    var status: CUnsignedInt = 0
    let purpose = Array("1.3.6.1.5.5.7.3.2".utf8CString)
    let code = unsafe purpose.withUnsafeBytes { purpose in
      var wanted = unsafe gnutls_typed_vdata_st()
      unsafe wanted.type = GNUTLS_DT_KEY_PURPOSE_OID
      unsafe wanted.data = UnsafeMutablePointer(
        mutating: purpose.baseAddress!.assumingMemoryBound(to: UInt8.self))
      return unsafe gnutls_certificate_verify_peers(session, &wanted, 1, &status)
    }
    return code == 0 && status == 0
  }
}

/// What a server offers, by its settings and its certificate.
private struct Offer {
  let any: Priority
  let byVersion: (newest: Priority?, older: Priority?)?

  init(_ settings: ServerTLSSettings, for chain: Certificates) throws(TLSProblem) {
    let versions = TLSVersion.allCases.reversed()
      .filter { $0 >= settings.minimum && $0 <= settings.maximum }
    let curves = settings.curves ?? Curve.usual
    let older = versions.filter { $0 < .tls13 }
    let asked = settings.suites?.filter { $0.keyExchange != nil }
    var suites =
      asked ?? CipherSuite.modern + (settings.minimum < .tls12 ? CipherSuite.old : [])
    let usable = chain.keyExchanges
    suites.removeAll { !usable.contains($0.keyExchange!) }
    func priority(
      _ versions: [TLSVersion], _ suites: [CipherSuite]
    ) throws(TLSProblem) -> Priority {
      try Priority(
        versions, suites: suites, curves: curves, prefersOwnOrder: settings.prefersOwnOrder)
    }
    if suites.isEmpty, !versions.contains(.tls13) {
      throw TLSProblem(
        .suites,
        "none of these suites can be used with \(chain.isRSA ? "an RSA" : "an ECDSA") certificate")
    }
    guard let asked, !asked.isEmpty, versions.contains(.tls13) else {
      any = try priority(versions, suites)
      byVersion = nil
      return
    }
    // The suites of TLS 1.3 cannot be chosen, in Go: so there are two lists.
    let newest = CipherSuite.modern.filter { usable.contains($0.keyExchange!) }
    any = try priority(suites.isEmpty ? [.tls13] : versions, suites + newest)
    byVersion = (
      newest: try priority([.tls13], newest),
      older: suites.isEmpty || older.isEmpty ? nil : try priority(older, suites)
    )
  }
}

// MARK: - What GnuTLS calls

/// Called once the client's certificate is there, or known to be missing.
private func verifyClient(_ session: gnutls_session_t?) -> CInt {
  guard let session = unsafe session, let pointer = unsafe gnutls_session_get_ptr(session) else {
    return GNUTLS_E_CERTIFICATE_ERROR
  }
  let server = unsafe Unmanaged<ServerTLS>.fromOpaque(pointer).takeUnretainedValue()
  guard unsafe server.accepts(session) == false else { return 0 }
  // So that the client knows why; who shakes hands for us would only close.
  unsafe gnutls_alert_send(session, GNUTLS_AL_FATAL, GNUTLS_A_BAD_CERTIFICATE)
  return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR
}

/// Called once the client has said what it speaks.
private func chooseForVersion(_ session: gnutls_session_t?) -> CInt {
  guard let session = unsafe session, let pointer = unsafe gnutls_session_get_ptr(session) else {
    return GNUTLS_E_INTERNAL_ERROR
  }
  let server = unsafe Unmanaged<ServerTLS>.fromOpaque(pointer).takeUnretainedValue()
  return unsafe server.choose(for: session)
}
