internal import System

/// What a server allows, in numbers and in time. Each is stated in REFERENCE.md.
package struct Limits: Sendable {
  /// Requests being answered at once, equal ones that share an answer as one; more get 503. 0 for no
  /// limit.
  package var requests: Int
  /// Connections open at once. For one more, the oldest that waits for its client is closed.
  package var connections: Int
  /// Of these, from one IP address (IPv6: one /64 network). Unix sockets have no such limit.
  package var connectionsPerAddress: Int
  /// In which the whole head of a request must arrive.
  package var headTime = Duration.seconds(10)
  /// In which an answer must be taken.
  package var answerTime = Duration.seconds(30)
  /// For which a connection may wait for its next request: longer than the usual 60 s between two
  /// scrapes, so that a Prometheus server keeps its connection.
  package var idleTime = Duration.seconds(120)
  /// In which a request is answered, where its client names no time.
  package var requestTime = Duration.seconds(10)
  /// How much sooner than its client gives up a request is answered.
  package var requestMargin = Duration.milliseconds(500)
  /// In which requests may end after the stop was asked for.
  package var drainTime = Duration.seconds(4)
  /// In which the head of a request must come then, of a connection that was accepted before.
  package var lastHeadTime = Duration.milliseconds(500)
  /// In which those that are not answered by then are told so.
  package var lastAnswerTime = Duration.milliseconds(500)
  /// Bytes of a request's line and headers; more get 414 or 431.
  package var headBytes = 16 << 10
  /// Parameters of a query; more get 400.
  package var queryParameters = 64

  package init(requests: Int, connections: Int, connectionsPerAddress: Int? = nil) {
    self.requests = requests
    self.connections = connections
    self.connectionsPerAddress = connectionsPerAddress ?? max(1, connections / 2)
  }
}
