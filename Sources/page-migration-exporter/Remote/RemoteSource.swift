internal import FoundationEssentials
internal import PageMigration
internal import System
internal import Views

/// Another host's exporter: its `/rates` as JSON.
struct RemoteSource: WatchSource {
  let url: HTTPURL

  init(_ url: HTTPURL) {
    self.url = url.path == "/" ? url.with(path: "/rates?format=json") : url
  }

  func read() throws -> WatchReading {
    let body = try HTTPGet.body(of: url)
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
      return "\(url) does not answer with the rates of a page-migration-exporter"
    }
    return "\(url) answers in schema \(schema), and this version knows schema 1: use a newer one"
  }
}

private struct Schema: Decodable {
  let schema: Int
}

/// What `watch` takes of `/rates`, schema 1. What a newer exporter adds is passed over.
private struct RatesAnswer: Decodable {
  let schema: Int
  let monotonicSeconds: Double
  let pageSizeBytes: UInt64
  let thpFailedIncludesSplit: Bool?
  let vmstat: [String: UInt64]
  let reasons: Reasons?

  struct Reasons: Decodable {
    let totals: [Total]?
  }

  struct Total: Decodable {
    let reason: String
    let pagesMigrated: UInt64
    let pagesFailed: UInt64
    let timedCalls: UInt64
    let durationSecondsSum: Double
  }
}

extension WatchReading {
  /// Nil unless `text` is the JSON of `/rates`, schema 1.
  init?(json text: [UInt8]) {
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
      reasons: answer.reasons?.totals.map { totals in
        WatchReasons(
          totals.compactMap { total in
            Duration(inSeconds: total.durationSecondsSum).map {
              WatchReasons.Counts(
                reason: total.reason, pages: total.pagesMigrated &+ total.pagesFailed,
                timedCalls: total.timedCalls, duration: $0)
            }
          })
      })
  }
}
