internal import Glibc
internal import Logging

/// Writes each message as one line to standard error, in one write(2): logfmt or JSON.
struct LineLogHandler: LogHandler {
  let format: LogOptions.Format
  var logLevel = Logger.Level.info
  var metadata = Logger.Metadata()

  subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var fields = [("time", timestamp()), ("level", name(of: event.level))]
    fields.append(("msg", event.message.description))
    let own = metadata.merging(event.metadata ?? [:]) { $1 }
    fields += own.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
    writeAll(line(fields), to: STDERR_FILENO)
  }

  func line(_ fields: [(key: String, value: String)]) -> String {
    switch format {
    case .logfmt:
      fields.map { "\($0.key)=\(needsQuotes($0.value) ? quoted($0.value) : $0.value)" }
        .joined(separator: " ") + "\n"
    case .json:
      "{" + fields.map { "\(quoted($0.key)):\(quoted($0.value))" }.joined(separator: ",") + "}\n"
    }
  }

  private func name(of level: Logger.Level) -> String {
    level == .warning ? "warn" : level.rawValue
  }
}

/// The time now as RFC 3339 in UTC, to the millisecond.
private func timestamp() -> String {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  var parts = tm()
  gmtime_r(&now.tv_sec, &parts)
  func padded(_ number: some BinaryInteger, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
  let date = "\(parts.tm_year + 1900)-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))"
  let time =
    "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))"
  return "\(date)T\(time).\(padded(now.tv_nsec / 1_000_000, 3))Z"
}

private func needsQuotes(_ value: String) -> Bool {
  value.isEmpty || value.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3d || $0 == 0x7f }
}

/// `value` in quotes, as a string of JSON (RFC 8259, section 7).
func quoted(_ value: String) -> String {
  var result = "\""
  for scalar in value.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case _ where scalar.value < 0x20 || scalar.value == 0x7f:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
