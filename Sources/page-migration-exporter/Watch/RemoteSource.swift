internal import PageMigration

/// Another host's exporter: its `/rates` as JSON.
struct RemoteSource: WatchSource {
  let url: HTTPURL

  init(_ url: HTTPURL) {
    self.url = url.path == "/" ? url.with(path: "/rates?format=json") : url
  }

  func read() throws -> WatchReading {
    let body = try HTTPGet.body(of: url)
    guard let reading = WatchReading(json: body) else {
      throw UnreadableAnswer(url: url.description)
    }
    return reading
  }
}

/// An answer that is not the JSON of `/rates`.
struct UnreadableAnswer: Error, CustomStringConvertible {
  let url: String

  var description: String { "\(url) does not answer with the rates of a page-migration-exporter" }
}

extension WatchReading {
  /// Nil unless `text` is the JSON of `/rates`, schema 1.
  init?(json text: [UInt8]) {
    guard let root = JSONParser.parse(text), case .integer(1)? = root["schema"],
      let seconds = root["monotonic_seconds"]?.double, seconds >= 0, seconds < 1e10,
      case .integer(let pageSize)? = root["page_size_bytes"],
      case .object(let fields)? = root["vmstat"]
    else { return nil }
    var values: [MigrationCounter: UInt64] = [:]
    for (name, value) in fields {
      // A newer exporter may know counters that this one does not.
      guard let counter = MigrationCounter(rawValue: name), case .integer(let number) = value
      else { continue }
      values[counter] = number
    }
    var includesSplit: Bool?
    if case .bool(let value)? = root["thp_failed_includes_split"] { includesSplit = value }
    self.init(
      time: UInt64(seconds * 1e9), snapshot: CounterSnapshot(values), pageSize: pageSize,
      failedIncludesSplit: includesSplit,
      reasons: root["reasons"]?["totals"].flatMap(WatchReasons.init))
  }
}
