internal import Arguments
internal import Logging
internal import Service
internal import System

extension LineLogHandler.Format: ArgumentValue {}

struct LogOptions: ArgumentGroup {
  enum Level: String, CaseIterable, ArgumentValue {
    case debug, info, warn, error

    var loggerLevel: Logger.Level {
      switch self {
      case .debug: .debug
      case .info: .info
      case .warn: .warning
      case .error: .error
      }
    }
  }

  let level: Level
  let format: LineLogHandler.Format

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    level = try arguments.value(
      "log.level", "level", standard: .info, "Least severe messages to log.")
    format = try arguments.value(
      "log.format", "format", standard: .logfmt, "Format of log lines.")
  }

  func makeWriter() -> LogWriter {
    LogWriter { [format] count in
      LineLogHandler(format: format) { _ in }.line([
        ("time", UnixTime.now.rfc3339), ("level", "warn"), ("msg", "log lines were dropped"),
        ("count", "\(count)"),
      ])
    }
  }

  func makeLogger(_ writer: LogWriter) -> Logger {
    var logger = Logger(label: "page-migration-exporter") { [format] _ in
      LineLogHandler(format: format) { writer.write($0) }
    }
    logger.logLevel = level.loggerLevel
    return logger
  }
}
