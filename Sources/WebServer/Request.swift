/// A request for one of the routes: what its head says, as far as a route may ask.
package struct Request: Sendable {
  /// The decoded names and values behind the question mark, in order; a name alone has the value "".
  package let query: [(name: String, value: String)]
  /// Of all Accept headers together.
  package let accept: Accept
  /// The Host header. Nil where there is none.
  package let host: String?

  package init(
    query: [(name: String, value: String)] = [], accept: Accept = Accept(nil), host: String? = nil
  ) {
    self.query = query
    self.accept = accept
    self.host = host
  }
}
