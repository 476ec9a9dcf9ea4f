internal import ArgumentParser
internal import Logging
internal import Service
internal import System

extension LineLogHandler.Format: ExpressibleByArgument {}

struct LogOptions: ParsableArguments {
  enum Level: String, CaseIterable, ExpressibleByArgument {
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

  @Option(
    name: .customLong("log.level"),
    help: ArgumentHelp("Least severe messages to log.", valueName: "level"))
  var level = Level.info

  @Option(
    name: .customLong("log.format"),
    help: ArgumentHelp("Format of log lines.", valueName: "format"))
  var format = LineLogHandler.Format.logfmt

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
