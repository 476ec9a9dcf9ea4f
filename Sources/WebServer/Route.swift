package import System

/// A path and what answers GET and HEAD of it.
package struct Route: Sendable {
  let path: String
  let plan: @Sendable (Request) -> Plan

  /// - Parameters:
  ///   - path: the whole path, compared byte for byte.
  ///   - plan: how a request is to be answered. It is called once for requests that are alike on
  ///     one connection, on the thread that serves all connections: so it decides and reads nothing.
  package init(_ path: String, _ plan: @escaping @Sendable (Request) -> Plan) {
    self.path = path
    self.plan = plan
  }
}

/// How a request is answered.
package enum Plan: Sendable {
  /// With a line, at once: for what is known without reading anything.
  case line(String, status: Int = 200, headers: [(name: String, value: String)] = [])
  /// As is decided for each request anew, at once.
  indirect case live(@Sendable () -> Plan)
  /// By work, on a thread that may be held up.
  case work(Work)
}

/// The work of an answer. Requests with the same work that wait at the same time share one answer.
package struct Work: Sendable {
  /// Writes an answer's body.
  ///
  /// Where it has not returned after half of the time that is left, it is called again on another
  /// thread, and the first to return answers: so it must be made for several threads, and must not
  /// wait for one that is held up. A body that it does not hand back in time is thrown away.
  package typealias Write =
    @Sendable (_ deadline: MonotonicTime, _ body: inout [UInt8]) -> Head

  /// Two works with the same key write the same body.
  package let key: String
  package let write: Write

  package init(key: String, _ write: @escaping Write) {
    self.key = key
    self.write = write
  }
}

/// An answer without its body.
package struct Head: Sendable {
  package var status: Int
  package var contentType: String
  package var headers: [(name: String, value: String)]
  /// Whether the body is compressed for a client that takes gzip.
  package var isCompressible: Bool

  package init(
    status: Int = 200, contentType: String, headers: [(name: String, value: String)] = [],
    isCompressible: Bool = true
  ) {
    self.status = status
    self.contentType = contentType
    self.headers = headers
    self.isCompressible = isCompressible
  }

  /// The head of a line of plain text, which replaces `body`.
  package static func line(
    _ line: String, status: Int, headers: [(name: String, value: String)] = [],
    into body: inout [UInt8]
  ) -> Head {
    body.removeAll(keepingCapacity: true)
    body.append(contentsOf: line.utf8)
    body.append(UInt8(ascii: "\n"))
    return Head(
      status: status, contentType: "text/plain; charset=utf-8", headers: headers,
      isCompressible: false)
  }
}
