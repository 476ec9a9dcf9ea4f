internal import CGnuTLS
internal import Glibc
internal import System

/// Certificates from a PEM text, the first one being the leaf.
///
/// @unchecked: nothing changes after the start.
@safe final class Certificates: @unchecked Sendable {
  private(set) var list: UnsafeMutablePointer<gnutls_x509_crt_t?>?
  private(set) var count: CUnsignedInt = 0

  /// - Throws: the words of what is wrong with the text.
  init(pem: [UInt8], _ part: TLSProblem.Part) throws(TLSProblem) {
    let code = unsafe withDatum(pem) {
      unsafe gnutls_x509_crt_list_import2(&list, &count, $0, GNUTLS_X509_FMT_PEM, 0)
    }
    guard code >= 0, count > 0, unsafe list != nil else {
      throw TLSProblem(
        part,
        code == GNUTLS_E_NO_CERTIFICATE_FOUND || code >= 0
          ? "holds no certificate"
          : "holds no certificate that can be read: \(TLSProblem.words(code))")
    }
  }

  deinit {
    for place in 0..<Int(count) { unsafe gnutls_x509_crt_deinit(list![place]) }
    // gnutls_free is a variable of the library's, set to free(3).
    unsafe free(list)
  }

  private var leaf: gnutls_x509_crt_t? { unsafe list?[0] }

  /// When the first to end of them ends, which is when clients refuse the chain.
  var notAfter: UnixTime {
    var first = time_t.max
    for place in 0..<Int(count) {
      first = unsafe min(first, gnutls_x509_crt_get_expiration_time(list![place]))
    }
    return UnixTime(sinceEpoch: .seconds(first))
  }

  /// When the leaf begins to hold.
  var notBefore: UnixTime {
    UnixTime(sinceEpoch: .seconds(unsafe gnutls_x509_crt_get_activation_time(leaf)))
  }

  /// Which kinds of key exchange the leaf's key can sign for.
  var keyExchanges: Set<CipherSuite.KeyExchange> {
    var bits: CUnsignedInt = 0
    let algorithm = unsafe gnutls_x509_crt_get_pk_algorithm(leaf, &bits)
    let isRSA =
      algorithm == GNUTLS_PK_RSA.rawValue || algorithm == GNUTLS_PK_RSA_PSS.rawValue
    return isRSA ? [.ecdheRSA, .rsa] : [.ecdheECDSA]
  }

  var isRSA: Bool { keyExchanges.contains(.rsa) }
}

/// The names that a certificate is for: DNS names, addresses of mail and of IP, URIs.
///
/// - Parameter certificate: in DER, as the peer sent it. Its names are compared byte for byte.
func alternativeNames(der certificate: gnutls_datum_t) -> [String] {
  var certificate = unsafe certificate
  var leaf: gnutls_x509_crt_t?
  guard unsafe gnutls_x509_crt_init(&leaf) == 0 else { return [] }
  defer { unsafe gnutls_x509_crt_deinit(leaf) }
  guard unsafe gnutls_x509_crt_import(leaf, &certificate, GNUTLS_X509_FMT_DER) == 0 else {
    return []
  }
  var names: [String] = []
  var buffer = [UInt8](repeating: 0, count: 4096)
  for place in 0..<CUnsignedInt(1000) {
    var size = buffer.count
    let type = unsafe gnutls_x509_crt_get_subject_alt_name(leaf, place, &buffer, &size, nil)
    if type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE { break }
    guard type >= 0, size <= buffer.count else { continue }
    let bytes = buffer[..<size]
    switch CUnsignedInt(type) {
    case GNUTLS_SAN_IPADDRESS.rawValue:
      if let address = addressText(Array(bytes)) { names.append(address) }
    case GNUTLS_SAN_DNSNAME.rawValue, GNUTLS_SAN_RFC822NAME.rawValue, GNUTLS_SAN_URI.rawValue:
      // A NUL within would make it another name to C.
      if !bytes.contains(0) { names.append(String(decoding: bytes, as: UTF8.self)) }
    default: continue
    }
  }
  return names
}

/// Nil unless these are 4 or 16 bytes.
private func addressText(_ bytes: [UInt8]) -> String? {
  guard bytes.count == 4 || bytes.count == 16 else { return nil }
  var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
  let family = bytes.count == 4 ? AF_INET : AF_INET6
  guard unsafe inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
  return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Lends bytes to GnuTLS, which reads them during the call.
func withDatum<Result>(
  _ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> Result
) -> Result {
  unsafe bytes.withUnsafeBytes { bytes in
    var datum = unsafe gnutls_datum_t(
      data: UnsafeMutablePointer(
        mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)),
      size: CUnsignedInt(bytes.count))
    return unsafe body(&datum)
  }
}
