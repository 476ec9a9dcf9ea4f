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
      let time = answer["monotonic_seconds"]?.duration,
      let pageSize = answer["page_size_bytes"]?.count, let vmstat = answer["vmstat"]?.counts
    else { return nil }
    let counters = vmstat.compactMap { name, value in
      MigrationCounter(rawValue: name).map { ($0, value) }
    }
    let reasons = answer["reasons"]
    self.init(
      time: MonotonicTime(sinceBoot: time),
      snapshot: CounterSnapshot(Dictionary(counters) { first, _ in first }),
      pageSize: pageSize, failedIncludesSplit: answer["thp_failed_includes_split"]?.bool,
      reasons: reasons?["totals"]?.elements.map { totals in
        WatchReasons(
          totals.compactMap(WatchReasons.Counts.init),
          time: UnixTime(sinceEpoch: answer["time"]?.duration ?? .zero),
          slowest: (reasons?["slowest_calls"]?.elements ?? [])
            .compactMap(WatchReasons.SlowestCall.init))
      })
  }
}

extension WatchReasons.Counts {
  /// Nil where something of it is missing.
  fileprivate init?(_ total: JSON) {
    guard let reason = total["reason"]?.string, let moved = total["pages_migrated"]?.count,
      let failed = total["pages_failed"]?.count, let timedCalls = total["timed_calls"]?.count,
      let duration = total["duration_seconds_sum"]?.duration
    else { return nil }
    let causes = total["causes"]?.counts ?? []
    self.init(
      reason: reason, pages: moved &+ failed, timedCalls: timedCalls, duration: duration,
      causes: Dictionary(causes) { first, _ in first })
  }
}

extension WatchReasons.SlowestCall {
  /// Nil where something of it is missing.
  fileprivate init?(_ call: JSON) {
    guard let reason = call["reason"]?.string, let duration = call["seconds"]?.duration,
      let moved = call["pages_migrated"]?.count, let failed = call["pages_failed"]?.count,
      let command = call["command"]?.string, let pid = call["pid"]?.count,
      let ended = call["ended"]?.duration
    else { return nil }
    self.init(
      reason: reason, duration: duration, pagesMigrated: moved, pagesFailed: failed,
      caller: "\(command) (\(pid))", cgroup: call["cgroup"]?.string,
      ended: UnixTime(sinceEpoch: ended))
  }
}

extension JSON {
  /// Nil where it is no number of seconds that is a time.
  fileprivate var duration: Duration? { double.flatMap { Duration(inSeconds: $0) } }
}
