internal import Synchronization
internal import System
internal import TLS
internal import WebConfig

/// What the web configuration asks of connections and requests. It never changes: another
/// configuration is another policy.
final class Policy: Sendable {
  /// Nil for HTTP without TLS.
  let tls: ServerTLS?
  let headers: [(name: String, value: String)]
  /// Nil where everybody may ask.
  let logins: Logins?
  /// Nil where as many requests are answered as come.
  let rate: RateLimiter?

  init(_ config: WebConfig) {
    tls = config.tls
    headers = config.headers
    logins = config.users.isEmpty ? nil : Logins(config.users)
    rate = config.rateLimit.map { RateLimiter(interval: $0.interval, burst: $0.burst) }
  }
}

/// The policy that holds now.
final class CurrentPolicy: Sendable {
  private let policy: Mutex<Policy>

  init(_ config: WebConfig) { policy = Mutex(Policy(config)) }

  var now: Policy { policy.withLock { $0 } }

  func use(_ config: WebConfig) {
    let new = Policy(config)
    policy.withLock { $0 = new }
  }
}

/// Lets so many through at once, and then one after each interval: a token bucket, kept as the time
/// at which it will be full again.
final class RateLimiter: Sendable {
  private let interval: Duration
  private let slack: Duration
  private let full = Mutex(MonotonicTime(sinceBoot: .zero))

  init(interval: Duration, burst: Int) {
    self.interval = interval
    slack = interval * (burst - 1)
  }

  func allows(at now: MonotonicTime) -> Bool {
    full.withLock { full in
      let from = max(full, now)
      guard from - now <= slack else { return false }
      full = from + interval
      return true
    }
  }
}
