internal import CGnuTLS
internal import Glibc
package import System

/// A client's side of TLS on a connected socket, of which each call has a deadline.
@safe package final class ClientTLS {
  /// Whom a client trusts, and who it says it is. All in PEM.
  package struct Identity: Sendable {
    /// Nil for those that the system trusts.
    package var authorities: [UInt8]?
    package var certificate: [UInt8]?
    package var key: [UInt8]?

    package init() {}
  }

  private let session: gnutls_session_t
  private let credentials: gnutls_certificate_credentials_t
  private let descriptor: CInt
  private var hasRead = false

  /// Shakes hands.
  ///
  /// - Parameters:
  ///   - host: what the server's certificate must be for: a name or an address.
  ///   - deadline: for all of the handshake.
  package init(
    _ descriptor: CInt, host: String, _ identity: Identity, by deadline: MonotonicTime
  ) throws(TLSProblem) {
    self.descriptor = descriptor
    var made: (gnutls_certificate_credentials_t?, gnutls_session_t?) = (nil, nil)
    guard unsafe gnutls_certificate_allocate_credentials(&made.0) == 0,
      unsafe gnutls_init(&made.1, CUnsignedInt(GNUTLS_CLIENT)) == 0,
      let credentials = unsafe made.0, let session = unsafe made.1
    else { throw TLSProblem(.other, "no memory for TLS") }
    unsafe self.credentials = credentials
    unsafe self.session = session
    try use(identity)
    unsafe gnutls_set_default_priority(session)
    unsafe gnutls_credentials_set(
      session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials))
    // An address is not a name (RFC 6066, section 3).
    if !host.contains(":"), !host.utf8.allSatisfy({ $0 < 0x3a }) {
      _ = unsafe gnutls_server_name_set(session, GNUTLS_NAME_DNS, host, host.utf8.count)
    }
    // GnuTLS reads it until the end of the handshake: it copies nothing.
    let name = Array(host.utf8CString)
    // GnuTLS may receive a record in any number of pieces, each of which it would wait for anew.
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    let code = unsafe name.withUnsafeBufferPointer { name in
      unsafe gnutls_session_set_verify_cert(session, name.baseAddress, 0)
      unsafe gnutls_transport_set_int2(session, descriptor, descriptor)
      return CInt(repeating(by: deadline) { unsafe Int(gnutls_handshake(session)) })
    }
    guard code == 0 else { throw problem(code) }
  }

  deinit {
    unsafe gnutls_deinit(session)
    unsafe gnutls_certificate_free_credentials(credentials)
  }

  private func use(_ identity: Identity) throws(TLSProblem) {
    if let authorities = identity.authorities {
      let trusted = try Certificates(pem: authorities, .clientCAs)
      unsafe gnutls_certificate_set_x509_trust(credentials, trusted.list, CInt(trusted.count))
    } else {
      unsafe gnutls_certificate_set_x509_system_trust(credentials)
    }
    guard let certificate = identity.certificate else { return }
    let code = unsafe withDatum(certificate) { certificate in
      unsafe withDatum(identity.key ?? []) { key in
        unsafe gnutls_certificate_set_x509_key_mem(
          credentials, certificate, key, GNUTLS_X509_FMT_PEM)
      }
    }
    guard code >= 0 else {
      throw TLSProblem(
        .key, "certificate and key cannot be used together: \(TLSProblem.words(code))")
    }
  }

  /// Calls again what has not come to its end: it waits for the other side, or what came was for TLS
  /// itself, such as the tickets that a server of TLS 1.3 sends.
  private func repeating(by deadline: MonotonicTime, _ call: () -> Int) -> Int {
    while true {
      let code = call()
      guard code < 0, gnutls_error_is_fatal(CInt(code)) == 0 else { return code }
      if code == GNUTLS_E_AGAIN, !isReady(by: deadline) { return code }
    }
  }

  /// Waits for the other side. False where the deadline has come.
  private func isReady(by deadline: MonotonicTime) -> Bool {
    let sends = unsafe gnutls_record_get_direction(session) == 1
    var wait = pollfd(fd: descriptor, events: Int16(sends ? POLLOUT : POLLIN), revents: 0)
    while true {
      let left = deadline - .now
      guard left > .zero else { return false }
      let milliseconds = CInt(clamping: left.wholeNanoseconds / 1_000_000 + 1)
      if unsafe poll(&wait, 1, milliseconds) > 0 { return true }
    }
  }

  /// Sends all of it.
  package func write(_ bytes: [UInt8], by deadline: MonotonicTime) throws(TLSProblem) {
    var sent = 0
    while sent < bytes.count {
      let count = repeating(by: deadline) {
        unsafe bytes.withUnsafeBytes {
          unsafe gnutls_record_send(session, $0.baseAddress! + sent, $0.count - sent)
        }
      }
      guard count > 0 else {
        // A server that is gone already may have said why.
        var rest = [UInt8](repeating: 0, count: 1)
        if count == GNUTLS_E_PUSH_ERROR { _ = try read(into: &rest, by: deadline) }
        throw problem(CInt(count))
      }
      sent += count
    }
  }

  /// Receives some bytes; 0 at the end.
  package func read(
    into buffer: inout [UInt8], by deadline: MonotonicTime
  ) throws(TLSProblem) -> Int {
    let count = repeating(by: deadline) {
      unsafe gnutls_record_recv(session, &buffer, buffer.count)
    }
    guard count > 0 else {
      // In TLS 1.3 a server looks at the client's certificate when the client is done already.
      guard hasRead || ![0, Int(GNUTLS_E_PREMATURE_TERMINATION)].contains(count) else {
        throw TLSProblem(
          .other,
          "the server ended TLS without a response: it may want a different client certificate")
      }
      // HTTP says where the answer ends; not all servers end TLS, too.
      if count == 0 || count == GNUTLS_E_PREMATURE_TERMINATION { return 0 }
      throw problem(CInt(count))
    }
    hasRead = true
    return count
  }

  private func problem(_ code: CInt) -> TLSProblem {
    switch code {
    case GNUTLS_E_AGAIN, GNUTLS_E_TIMEDOUT: return TLSProblem(.other, TLSProblem.timeOut)
    case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
      return TLSProblem(.certificate, "the server's certificate is not trusted: \(untrusted)")
    case GNUTLS_E_FATAL_ALERT_RECEIVED, GNUTLS_E_WARNING_ALERT_RECEIVED:
      let name = unsafe gnutls_alert_get_name(gnutls_alert_get(session))
      let words = unsafe name.map { unsafe String(cString: $0) } ?? "no reason"
      return TLSProblem(.other, "the server ended TLS: \(words)")
    case GNUTLS_E_PUSH_ERROR, GNUTLS_E_PULL_ERROR:
      return TLSProblem(.other, "the server ended TLS: it closed the connection")
    case GNUTLS_E_UNEXPECTED_PACKET_LENGTH, GNUTLS_E_UNSUPPORTED_VERSION_PACKET,
      GNUTLS_E_UNEXPECTED_PACKET:
      return TLSProblem(.other, "the server does not speak TLS")
    default: return TLSProblem(.other, TLSProblem.words(code))
    }
  }

  /// Why, as GnuTLS says it, without its first sentence, which is always the same.
  private var untrusted: String {
    var text = unsafe gnutls_datum_t()
    let status = unsafe gnutls_session_get_verify_cert_status(session)
    guard
      unsafe gnutls_certificate_verification_status_print(
        status, GNUTLS_CRT_X509, &text, 0) == 0, let data = unsafe text.data
    else { return "\(status)" }
    defer { unsafe free(data) }
    let words = unsafe String(
      decoding: UnsafeBufferPointer(start: data, count: Int(text.size)), as: UTF8.self)
    let always = "The certificate is NOT trusted. "
    return String(words.hasPrefix(always) ? words.dropFirst(always.count) : words[...]).trimmed
  }
}

extension TLSProblem {
  static let timeOut = "no answer in time"
  package var isTimeOut: Bool { description == Self.timeOut }
}

extension String {
  /// Without white space, NULs and the full stop at its end.
  fileprivate var trimmed: String {
    var text = self
    while let last = text.unicodeScalars.last, last.value <= 0x20 || last == "." {
      text.unicodeScalars.removeLast()
    }
    return text
  }
}
