internal import System
internal import TLS

extension WebConfig {
  /// What it means, in a line: `TLS 1.2 to 1.3, a certificate until 2027-01-01, no password`.
  package var summary: String {
    var parts: [String] = []
    if let tls {
      let (low, high) = (tls.settings.minimum.number, tls.settings.maximum.number)
      parts.append("TLS \(low == high ? low : "\(low) to \(high)")")
      parts.append("a certificate until \(tls.notAfter.rfc3339.prefix(10))")
      parts.append(tls.settings.clientAuthentication.meaning)
    } else {
      parts.append("no TLS")
    }
    parts.append(
      users.isEmpty
        ? "no password" : "passwords of \(users.count) user\(users.count == 1 ? "" : "s")")
    if let rateLimit {
      let interval = rateLimit.interval
      parts.append(
        "a request each \(interval < .milliseconds(1) ? "millisecond or less" : interval.spelled),"
          + " \(rateLimit.burst) at once")
    }
    return parts.joined(separator: ", ")
  }
}

extension ClientAuthentication {
  fileprivate var meaning: String {
    switch self {
    case .none: "no client certificates"
    case .request: "client certificates requested, not verified"
    case .requireAny: "client certificates required, but not verified"
    case .verifyIfGiven: "client certificates verified where given"
    case .requireAndVerify: "client certificates required and verified"
    }
  }
}
