internal import FoundationEssentials
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
      let schema = try? JSONDecoder().decode(Schema.self, from: Data(body)).schema
      throw UnreadableAnswer(url: url.description, schema: schema)
    }
    return reading
  }
}

/// An answer that is not the JSON of `/rates`.
struct UnreadableAnswer: Error, CustomStringConvertible {
  let url: String
  /// Nil where it is no JSON of ours at all.
  let schema: Int?

  var description: String {
    guard let schema, schema != 1 else {
      return "\(url) did not answer with the rates of a page-migration-exporter"
    }
    return
      "\(url) answers in schema \(schema), and this version knows only schema 1: use a newer one"
  }
}

private struct Schema: Decodable {
  let schema: Int
}

/// What `watch` takes of `/rates`, schema 1. What a newer exporter adds is passed over.
private struct RatesAnswer: Decodable {
  let schema: Int
  let time: Double?
  let monotonicSeconds: Double
  let pageSizeBytes: UInt64
  let thpFailedIncludesSplit: Bool?
  let vmstat: [String: UInt64]
  let reasons: Reasons?

  struct Reasons: Decodable {
    let totals: [Total]?
    let slowestCalls: [SlowestCall]?
  }

  struct Total: Decodable {
    let reason: String
    let pagesMigrated: UInt64
    let pagesFailed: UInt64
    let timedCalls: UInt64
    let durationSecondsSum: Double
    let causes: [String: UInt64]?
  }

  struct SlowestCall: Decodable {
    let reason: String
    let seconds: Double
    let ended: Double
    let command: String
    let pid: UInt64
    let cgroup: String?
    let pagesMigrated: UInt64
    let pagesFailed: UInt64

    /// Nil where it has times that are none.
    var call: WatchReasons.SlowestCall? {
      guard let duration = Duration(inSeconds: seconds), let ended = Duration(inSeconds: ended)
      else { return nil }
      return WatchReasons.SlowestCall(
        reason: reason, duration: duration, pagesMigrated: pagesMigrated, pagesFailed: pagesFailed,
        caller: "\(command) (\(pid))", cgroup: cgroup, ended: UnixTime(sinceEpoch: ended))
    }
  }
}

extension WatchReading {
  /// Nil unless `text` is the JSON of `/rates`, schema 1.
  package init?(json text: [UInt8]) {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let answer = try? decoder.decode(RatesAnswer.self, from: Data(text)),
      answer.schema == 1, let time = Duration(inSeconds: answer.monotonicSeconds)
    else { return nil }
    let counters = answer.vmstat.compactMap { name, value in
      MigrationCounter(rawValue: name).map { ($0, value) }
    }
    self.init(
      time: MonotonicTime(sinceBoot: time),
      snapshot: CounterSnapshot(Dictionary(counters) { first, _ in first }),
      pageSize: answer.pageSizeBytes, failedIncludesSplit: answer.thpFailedIncludesSplit,
      reasons: answer.reasons.flatMap { reasons in
        reasons.totals.map { totals in
          WatchReasons(
            totals.compactMap { total in
              Duration(inSeconds: total.durationSecondsSum).map {
                WatchReasons.Counts(
                  reason: total.reason, pages: total.pagesMigrated &+ total.pagesFailed,
                  timedCalls: total.timedCalls, duration: $0, causes: total.causes ?? [:])
              }
            },
            time: UnixTime(sinceEpoch: answer.time.flatMap { Duration(inSeconds: $0) } ?? .zero),
            slowest: (reasons.slowestCalls ?? []).compactMap(\.call))
        }
      })
  }
}
