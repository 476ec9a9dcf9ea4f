internal import PageMigration
internal import System
package import Views

/// Another host's exporter: its `/rates` as JSON.
package struct RemoteSource: WatchSource {
  private let url: HTTPURL
  private let access: RemoteAccess

  /// - Parameter url: of `/rates` as JSON, or of the exporter.
  package init(_ url: HTTPURL, _ access: RemoteAccess) {
    self.access = access
    self.url = url.path == "/" ? url.with(path: "/rates?format=json") : url
  }

  package func read() throws -> WatchReading {
    let body = try HTTPGet.body(of: url, access)
    guard let reading = WatchReading(json: body) else {
      throw UnreadableAnswer(
        url: url.description, schema: JSON(reading: body)?["schema"]?.count)
    }
    return reading
  }
}

/// An answer that is not the JSON of `/rates`.
struct UnreadableAnswer: Error, CustomStringConvertible {
  let url: String
  /// Nil where it is no JSON of ours at all.
  let schema: UInt64?

  var description: String {
    guard let schema, schema != 1 else {
      return "\(url) did not answer with the rates of a page-migration-exporter"
    }
    return
      "\(url) answers in schema \(schema), and this version knows only schema 1: use a newer one"
  }
}

extension WatchReading {
  /// Nil unless `text` is the JSON of `/rates`, schema 1. What a newer exporter adds is passed over.
  package init?(json text: [UInt8]) {
    guard let answer = JSON(reading: text), answer["schema"]?.count == 1,
      let reading = try? WatchReading(answer)
    else { return nil }
    self = reading
  }

  private init(_ answer: JSON) throws(OtherKind) {
    let counters = try answer.required("vmstat", \.counts).compactMap { name, value in
      MigrationCounter(rawValue: name).map { ($0, value) }
    }
    let reasons = answer["reasons"]
    let time = UnixTime(sinceEpoch: try answer.optional("time", \.duration) ?? .zero)
    let slowest = try (reasons?.optional("slowest_calls", \.elements) ?? [])
      .map { call throws(OtherKind) in try WatchReasons.SlowestCall(call) }
    let totals = try reasons?.optional("totals", \.elements)?
      .map { total throws(OtherKind) in try WatchReasons.Counts(total) }
    self.init(
      time: MonotonicTime(sinceBoot: try answer.required("monotonic_seconds", \.duration)),
      snapshot: CounterSnapshot(Dictionary(counters) { first, _ in first }),
      pageSize: try answer.required("page_size_bytes", \.count),
      failedIncludesSplit: try answer.optional("thp_failed_includes_split", \.bool),
      reasons: totals.map { WatchReasons($0, time: time, slowest: slowest) })
  }
}

extension WatchReasons.Counts {
  fileprivate init(_ total: JSON) throws(OtherKind) {
    let causes = try total.optional("causes", \.counts) ?? []
    self.init(
      reason: try total.required("reason", \.string),
      pages: try total.required("pages_migrated", \.count)
        &+ total.required("pages_failed", \.count),
      timedCalls: try total.required("timed_calls", \.count),
      duration: try total.required("duration_seconds_sum", \.duration),
      causes: Dictionary(causes) { first, _ in first })
  }
}

extension WatchReasons.SlowestCall {
  fileprivate init(_ call: JSON) throws(OtherKind) {
    let command = try call.required("command", \.string)
    let pid = try call.required("pid", \.count)
    self.init(
      reason: try call.required("reason", \.string),
      duration: try call.required("seconds", \.duration),
      pagesMigrated: try call.required("pages_migrated", \.count),
      pagesFailed: try call.required("pages_failed", \.count),
      caller: "\(command) (\(pid))", cgroup: try call.optional("cgroup", \.string),
      ended: UnixTime(sinceEpoch: try call.required("ended", \.duration)))
  }
}

/// A member that is missing, or is not of the kind that it must be.
private struct OtherKind: Error {}

extension JSON {
  /// Nil where it is no number of seconds that is a time.
  fileprivate var duration: Duration? { double.flatMap { Duration(inSeconds: $0) } }

  fileprivate func required<Value>(
    _ name: String, _ read: (JSON) -> Value?
  ) throws(OtherKind) -> Value {
    guard let value = try optional(name, read) else { throw OtherKind() }
    return value
  }

  /// Nil where there is no such member.
  fileprivate func optional<Value>(
    _ name: String, _ read: (JSON) -> Value?
  ) throws(OtherKind) -> Value? {
    guard let member = self[name] else { return nil }
    guard let value = read(member) else { throw OtherKind() }
    return value
  }
}
