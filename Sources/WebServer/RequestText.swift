internal import CMicrohttpd
internal import Glibc
internal import System

/// What of a request's headers is asked for, where the library has it. Valid during its call.
@safe struct RequestText {
  private(set) var accept: UnsafePointer<CChar>?
  private(set) var acceptEncoding: UnsafePointer<CChar>?
  private(set) var timeout: UnsafePointer<CChar>?
  private(set) var host: UnsafePointer<CChar>?
  /// Whether a header above was sent more than once: then it is joined, and not compared.
  private(set) var hasRepeats = false
  let hasQuery: Bool
  let raw: OpaquePointer

  init(_ raw: OpaquePointer) {
    unsafe self.raw = raw
    hasQuery = unsafe MHD_get_connection_values(raw, .GET_ARGUMENT_KIND, nil, nil) > 0
    unsafe withUnsafeMutablePointer(to: &self) { this in
      _ = unsafe MHD_get_connection_values(raw, .HEADER_KIND, noteHeader, this)
    }
  }

  fileprivate mutating func note(_ name: UnsafePointer<CChar>, _ value: UnsafePointer<CChar>) {
    if unsafe strcasecmp(name, "Accept") == 0 {
      unsafe Self.set(&accept, value, &hasRepeats)
    } else if unsafe strcasecmp(name, "Accept-Encoding") == 0 {
      unsafe Self.set(&acceptEncoding, value, &hasRepeats)
    } else if unsafe strcasecmp(name, "X-Prometheus-Scrape-Timeout-Seconds") == 0 {
      unsafe Self.set(&timeout, value, &hasRepeats)
    } else if unsafe strcasecmp(name, "Host") == 0 {
      unsafe Self.set(&host, value, &hasRepeats)
    }
  }

  private static func set(
    _ place: inout UnsafePointer<CChar>?, _ value: UnsafePointer<CChar>, _ hasRepeats: inout Bool
  ) {
    if unsafe place != nil { hasRepeats = true } else { unsafe place = value }
  }

  /// Whether nothing that a plan depends on differs from an earlier request.
  func isSame(as other: PlannedRequest) -> Bool {
    unsafe !hasQuery && !hasRepeats && other.isPlain && isEqual(accept, other.accept)
      && isEqual(acceptEncoding, other.acceptEncoding) && isEqual(timeout, other.timeout)
      && isEqual(host, other.host)
  }

  /// The values of a header, joined by a comma where it was sent more than once (RFC 9110, 5.3).
  func header(_ name: String) -> String? {
    var search = Search(name: name)
    unsafe withUnsafeMutablePointer(to: &search) {
      _ = unsafe MHD_get_connection_values(raw, .HEADER_KIND, joinValues, $0)
    }
    return search.found
  }

  var query: [(name: String, value: String)] {
    var items: [(name: String, value: String)] = []
    unsafe withUnsafeMutablePointer(to: &items) {
      _ = unsafe MHD_get_connection_values(raw, .GET_ARGUMENT_KIND, appendItem, $0)
    }
    return items
  }
}

/// A request's head as it was read, and how it is answered.
final class PlannedRequest: Sendable {
  let route: Int
  let accept: String?
  let acceptEncoding: String?
  let timeout: String?
  let host: String?
  /// Whether it may stand for a later one: it has no query and no header twice.
  let isPlain: Bool
  let takesGzip: Bool
  let plan: Plan
  private let timeoutTime: Duration?

  init(_ text: RequestText, route: Int, _ plan: (Request) -> Plan) {
    self.route = route
    accept = text.header("Accept")
    acceptEncoding = text.header("Accept-Encoding")
    timeout = text.header("X-Prometheus-Scrape-Timeout-Seconds")
    host = text.header("Host")
    isPlain = !text.hasQuery && !text.hasRepeats
    takesGzip = Accept(acceptEncoding).takesCoding(["gzip", "x-gzip"])
    timeoutTime = timeout.flatMap { Double($0) }.flatMap { Duration(inSeconds: $0) }
    self.plan = plan(
      Request(query: text.hasQuery ? text.query : [], accept: Accept(accept), host: host))
  }

  /// For how long the answer may be worked on.
  func time(_ limits: Limits) -> Duration {
    guard let timeoutTime, timeoutTime > .zero else { return limits.requestTime }
    // A client that gives up before the margin gets half of its time.
    return min(max(timeoutTime - limits.requestMargin, timeoutTime / 2), .seconds(3600))
  }
}

private struct Search {
  let name: String
  var found: String?
}

private func noteHeader(
  _ text: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let text = unsafe text, let name = unsafe name, let value = unsafe value else {
    return .YES
  }
  unsafe text.assumingMemoryBound(to: RequestText.self).pointee.note(name, value)
  return .YES
}

private func joinValues(
  _ search: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let search = unsafe search?.assumingMemoryBound(to: Search.self), let name = unsafe name,
    let value = unsafe value, unsafe strcasecmp(name, search.pointee.name) == 0
  else { return .YES }
  let text = unsafe String(cString: value)
  unsafe search.pointee.found = unsafe search.pointee.found.map { "\($0), \(text)" } ?? text
  return .YES
}

private func appendItem(
  _ items: UnsafeMutableRawPointer?, _: MHD_ValueKind, _ name: UnsafePointer<CChar>?,
  _ value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let items = unsafe items, let name = unsafe name else { return .YES }
  unsafe items.assumingMemoryBound(to: [(name: String, value: String)].self).pointee
    .append((String(cString: name), value.map { unsafe String(cString: $0) } ?? ""))
  return .YES
}

private func isEqual(_ text: UnsafePointer<CChar>?, _ other: String?) -> Bool {
  guard let text = unsafe text, let other else { return unsafe text == nil && other == nil }
  return unsafe other.withCString { unsafe strcmp(text, $0) == 0 }
}
