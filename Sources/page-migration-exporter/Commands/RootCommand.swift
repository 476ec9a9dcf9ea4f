internal import ArgumentParser

struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "page-migration-exporter",
    abstract: "Tells Prometheus how many pages the Linux kernel migrates, how fast, and why.",
    discussion: """
      Reads /proc/vmstat and the vmstat of each NUMA node, and serves their migration counters \
      over HTTP. Without a command it serves.
      """,
    version: Version.line,
    subcommands: [
      ServeCommand.self, WatchCommand.self, PrintCommand.self, PlacementCommand.self,
    ],
    defaultSubcommand: ServeCommand.self)
}
