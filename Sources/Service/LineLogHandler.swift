package import Logging
internal import System
internal import Views

/// Writes each message as one line: logfmt or JSON.
package struct LineLogHandler: LogHandler {
  package enum Format: String, CaseIterable, Sendable {
    case logfmt, json
  }

  private let format: Format
  /// Where the line goes.
  private let write: @Sendable (String) -> Void
  package var logLevel = Logger.Level.info
  package var metadata = Logger.Metadata()

  package init(format: Format, write: @escaping @Sendable (String) -> Void) {
    (self.format, self.write) = (format, write)
  }

  package subscript(metadataKey key: String) -> Logger.MetadataValue? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var fields = [("time", UnixTime.now.rfc3339), ("level", name(of: event.level))]
    fields.append(("msg", event.message.description))
    let own = metadata.merging(event.metadata ?? [:]) { $1 }
    fields += own.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
    write(line(fields))
  }

  /// The fields as one line, with its end.
  package func line(_ fields: [(key: String, value: String)]) -> String {
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

private func needsQuotes(_ value: String) -> Bool {
  value.isEmpty || value.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3d || $0 == 0x7f }
}
