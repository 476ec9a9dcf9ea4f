package import TLS

/// Whom to trust, and who to be, when another exporter is asked.
package struct RemoteAccess: Sendable {
  package var identity = ClientTLS.Identity()
  /// `user:password`. Nil for none.
  package var login: [UInt8]?

  package init() {}

  /// A header's line, or nothing.
  var authorization: String {
    guard let login else { return "" }
    return "Authorization: Basic \(base64(login))\r\n"
  }
}

/// RFC 4648, section 4.
private func base64(_ bytes: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  var text: [UInt8] = []
  for start in stride(from: 0, to: bytes.count, by: 3) {
    let group = bytes[start..<min(start + 3, bytes.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for place in 0..<4 {
      text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
    }
  }
  return String(decoding: text, as: UTF8.self)
}
