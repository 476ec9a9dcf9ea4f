internal import ArgumentParser

struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page-migration-exporter",
    abstract: "Reports to Prometheus how many pages the Linux kernel migrates, how fast, and why.",
    discussion: """
      Reads /proc/vmstat and the vmstat of each NUMA node, and serves their migration counters \
      over HTTP. Without a command it serves.
      """,
    version: Version.line,
    subcommands: [
      ServeCommand.self, ExplainCommand.self, WatchCommand.self, PrintCommand.self,
      PlacementCommand.self,
      DoctorCommand.self, HealthCommand.self, CheckConfigCommand.self,
    ],
    defaultSubcommand: ServeCommand.self)
}

extension RootCommand {
  /// Whether one of them may be a command, or what every command understands. Where none is, `serve` alone can be
  /// meant, and reading its flags by way of the root would be a sixth of the time of a start: the library then
  /// collects them twice.
  static func names(anyOf arguments: [String]) -> Bool {
    let general = ["help", "-h", "--help", "--help-hidden", "--version"]
    return arguments.contains { argument in
      general.contains(argument) || hasCommand(argument)
        || ["---completion", "--generate-completion-script", "--experimental"].contains {
          argument.hasPrefix($0)
        }
    }
  }

  static func hasCommand(_ name: String) -> Bool {
    configuration.subcommands.contains { $0.configuration.commandName == name }
  }

  /// The help without a command, with the flags of `serve`, which is what runs then: who knows
  /// other exporters looks for them there.
  static var helpWithFlags: String {
    let own = sections(of: helpMessage()).filter { !$0.hasPrefix("OPTIONS:") }
    let flags = sections(of: helpMessage(for: ServeCommand.self))
      .drop { !$0.hasPrefix("USAGE:") }
      .dropFirst()
    return (own + flags).joined(separator: "\n\n")
  }

  /// What stands between empty lines.
  private static func sections(of help: String) -> [String] {
    help.split(separator: "\n", omittingEmptySubsequences: false)
      .split { $0.isEmpty }
      .map { $0.joined(separator: "\n") }
  }
}
