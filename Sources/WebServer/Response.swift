/// What a route answers.
package struct Response {
  package var status: Int
  package var contentType: String
  package var headers: [(name: String, value: String)]
  package var body: ResponseBody
  /// Whether the body is compressed for a client that accepts gzip.
  package var isCompressible = false

  package init(
    status: Int = 200, contentType: String, headers: [(name: String, value: String)] = [],
    body: ResponseBody
  ) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.body = body
  }

  /// A line of plain text.
  package static func text(
    _ line: String, status: Int = 200, headers: [(name: String, value: String)] = []
  ) -> Response {
    Response(
      status: status, contentType: "text/plain; charset=utf-8", headers: headers,
      body: ResponseBody(Array((line + "\n").utf8)))
  }
}
