internal import ArgumentParser
internal import Logging

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

  func makeLogger() -> Logger {
    var logger = Logger(label: "page-migration-exporter") { [format] _ in
      LineLogHandler(format: format)
    }
    logger.logLevel = level.level
    return logger
  }
}
