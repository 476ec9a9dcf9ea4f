internal import CMicrohttpd

/// A request for one of the routes. It is valid only while the route's handler runs.
package struct Request {
  let connection: OpaquePointer

  /// The values of a header, joined by a comma where it was sent more than once (RFC 9110, 5.3).
  /// Nil where it was not sent.
  package func header(_ name: StaticString) -> String? {
    var search = Search(name: name)
    withUnsafeMutablePointer(to: &search) {
      _ = MHD_get_connection_values(connection, .HEADER_KIND, joinValues, $0)
    }
    return search.found
  }

  /// The decoded names and values behind the question mark, in order; a name alone has the
  /// value "".
  package var query: [(name: String, value: String)] {
    var items: [(name: String, value: String)] = []
    withUnsafeMutablePointer(to: &items) {
      _ = MHD_get_connection_values(connection, .GET_ARGUMENT_KIND, appendItem, $0)
    }
    return items
  }

  /// Whether there is anything behind the question mark.
  package var hasQuery: Bool {
    MHD_get_connection_values(connection, .GET_ARGUMENT_KIND, nil, nil) > 0
  }
}

private struct Search {
  let name: StaticString
  var found: String?
}

private func joinValues(
  _ search: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let search = search?.assumingMemoryBound(to: Search.self), let name, let value,
    isSameHeader(name, search.pointee.name)
  else { return .YES }
  let text = String(cString: value)
  search.pointee.found = search.pointee.found.map { "\($0), \(text)" } ?? text
  return .YES
}

/// Names of headers are compared without regard to case.
private func isSameHeader(_ name: UnsafePointer<CChar>, _ other: StaticString) -> Bool {
  for index in 0..<other.utf8CodeUnitCount {
    let (one, two) = (UInt8(bitPattern: name[index]), other.utf8Start[index])
    guard one | 0x20 == two | 0x20 else { return false }
  }
  return name[other.utf8CodeUnitCount] == 0
}

private func appendItem(
  _ items: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let items, let name else { return .YES }
  items.assumingMemoryBound(to: [(name: String, value: String)].self).pointee
    .append((String(cString: name), value.map { String(cString: $0) } ?? ""))
  return .YES
}
