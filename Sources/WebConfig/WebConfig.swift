package import TLS

/// What a web configuration file says: the file that exporters take as `--web.config.file`
/// (prometheus/exporter-toolkit, docs/web-configuration.md).
package struct WebConfig: Sendable {
  /// Nil for HTTP without TLS.
  package var tls: ServerTLS?
  /// Added to every answer that has no such header of its own.
  package var headers: [(name: String, value: String)] = []
  /// Whoever may ask, by name. Everybody where it is empty.
  package var users: [String: BcryptHash] = [:]
  package var rateLimit: RateLimit?
  /// What is taken though it is probably not meant.
  package var warnings: [ConfigProblem] = []
  /// The files that it was read from, the configuration itself first.
  package var files: [String] = []

  package init() {}

  /// How many requests are answered.
  package struct RateLimit: Hashable, Sendable {
    /// After so long there may be one more.
    package let interval: Duration
    /// So many at once, where there were none for long.
    package let burst: Int

    package init(interval: Duration, burst: Int) {
      (self.interval, self.burst) = (interval, burst)
    }
  }
}
