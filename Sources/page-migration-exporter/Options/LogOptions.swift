internal import ArgumentParser
internal import Logging
internal import System

struct LogOptions: ParsableArguments {
  enum Level: String, CaseIterable, ExpressibleByArgument {
    case debug, info, warn, error

    var level: Logger.Level {
      switch self {
      case .debug: .debug
      case .info: .info
      case .warn: .warning
      case .error: .error
      }
    }
  }

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case logfmt, json
  }

  @Option(
    name: .customLong("log.level"),
    help: ArgumentHelp("The least severe messages that are logged.", valueName: "level"))
  var level = Level.info

  @Option(
    name: .customLong("log.format"),
    help: ArgumentHelp("How a log line is written.", valueName: "format"))
  var format = Format.logfmt

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
    logger.logLevel = level.level
    return logger
  }
}
