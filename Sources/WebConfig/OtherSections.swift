internal import System

extension ConfigReader {
  /// The headers that may be added, and which values they may have where that is known.
  private static let headers: [(name: String, values: [String])] = [
    ("Strict-Transport-Security", []), ("X-Content-Type-Options", ["nosniff"]),
    ("X-Frame-Options", ["deny", "sameorigin"]), ("X-XSS-Protection", []),
    ("Content-Security-Policy", []),
  ]

  /// `http_server_config`.
  mutating func readHTTP(_ node: YAMLNode) throws(ConfigProblem) {
    let values = try section(node, "http_server_config", ["http2", "headers"])
    if let http2 = values["http2"], try flag(http2, "http2") {
      warn(http2.position, "HTTP/2 is not offered here: clients use HTTP/1.1")
    }
    guard let headers = values["headers"] else { return }
    let known = try section(headers, "headers", Self.headers.map(\.name))
    for (name, allowed) in Self.headers {
      // Nothing is set where it is blank.
      guard let node = known[name] else { continue }
      let value = try text(node, name)
      guard value.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value < 0x7f }) else {
        throw problem(node, "\(name) must be one line of ASCII")
      }
      guard allowed.isEmpty || allowed.contains(value) else {
        throw problem(
          node, "\(name) must be \(allowed.joined(separator: " or ")), not '\(shown(value))'")
      }
      config.headers.append((name, value))
    }
  }

  /// A password that costs less is tried too fast; one that costs more than a scrape has time for can
  /// never be right in time.
  private static let (costAtLeast, costAtMost) = (10, 18)

  /// `basic_auth_users`.
  mutating func readUsers(_ node: YAMLNode) throws(ConfigProblem) {
    for (name, keyNode, value) in try pairs(node, "basic_auth_users") {
      guard !name.isEmpty else { throw problem(keyNode, "a user has no name") }
      guard !name.contains(":") else {
        throw problem(keyNode, "the name of user '\(shown(name))' has a colon, which none can have")
      }
      // The value is a secret, even where it is a wrong one.
      guard case .scalar(let text, _) = value.content, let hash = BcryptHash(text) else {
        throw problem(
          value,
          "the password of user '\(shown(name))' is not a bcrypt hash: make one with "
            + "htpasswd -nBC 10 '' | tr -d ':\\n'")
      }
      guard hash.cost <= Self.costAtMost else {
        throw problem(
          value,
          "the password of user '\(shown(name))' has cost \(hash.cost), which takes longer than a "
            + "scrape may: \(Self.costAtMost) at most")
      }
      if hash.cost < Self.costAtLeast {
        warn(
          value.position,
          "the password of user '\(shown(name))' has cost \(hash.cost), which makes guessing cheap: "
            + "use \(Self.costAtLeast) or more")
      }
      config.users[name] = hash
    }
    if config.users.isEmpty {
      warn(node.position, "basic_auth_users is empty: no password is needed")
    }
  }

  /// `rate_limit`.
  mutating func readRateLimit(_ node: YAMLNode) throws(ConfigProblem) {
    let values = try section(node, "rate_limit", ["interval", "burst"])
    guard let intervalNode = values["interval"] else {
      if !values.isEmpty { warn(node.position, "rate_limit has no interval, so it limits nothing") }
      return
    }
    let interval = try duration(intervalNode, "interval")
    guard interval > .zero else { return }
    guard let burst = values["burst"] else {
      throw problem(node, "rate_limit needs a burst: without one no request would be answered")
    }
    guard case .scalar(let digits, isPlain: true) = burst.content, let count = Int(digits),
      (1...1_000_000).contains(count)
    else { throw problem(burst, "burst must be a whole number from 1 to 1000000") }
    config.rateLimit = WebConfig.RateLimit(interval: interval, burst: count)
  }

  /// As Go spells a length of time: `1s`, `1m30s`, `1.5s`, `0`.
  private func duration(_ node: YAMLNode, _ name: String) throws(ConfigProblem) -> Duration {
    let spelling = try text(node, name)
    guard let duration = Duration(inGo: spelling), duration <= .seconds(86_400) else {
      throw problem(
        node,
        "\(name) must be a time such as 500ms, 1s or 1m30s, up to 24h, not '\(shown(spelling))'")
    }
    return duration
  }
}

extension Duration {
  /// Nil unless `text` is a length of time as Go's time.ParseDuration takes it, and not negative.
  init?(inGo text: String) {
    guard text != "0" else {
      self = .zero
      return
    }
    let units: [(name: String, seconds: Double)] = [
      ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("μs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60),
      ("h", 3600),
    ]
    var seconds = 0.0
    var rest = text[...]
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
      rest = rest.dropFirst(unit.count)
      guard let value = Double(number),
        let factor = units.first(where: { $0.name == unit })?.seconds
      else { return nil }
      seconds += value * factor
    }
    guard let duration = Duration(inSeconds: seconds) else { return nil }
    self = duration
  }
}
