/// What a server allows. Each number is stated in README.
package struct Limits: Sendable {
  /// Requests answered at once; more get 503.
  package var requests: Int
  /// Connections open at once, per address; more wait to be accepted.
  package var connections: Int
  /// Seconds without a byte after which a connection is closed: longer than the usual 60 s
  /// between two scrapes, so that a Prometheus server keeps its connection.
  package var idleSeconds = 120
  /// Bytes for a connection's request line, headers and answering headers: more get 414 or 431.
  package var headerBytes = 16 << 10
  /// Bytes of a body, which no request of ours needs: more get 413.
  package var bodyBytes = 64 << 10
  /// Seconds in which requests may end after the stop was asked for.
  package var drainSeconds = 5

  package init(requests: Int, connections: Int) {
    self.requests = requests
    self.connections = connections
  }
}
