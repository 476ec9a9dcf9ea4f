internal import Arguments

extension CommandTable {
  /// What this program can be asked for.
  static let exporter = CommandTable(
    program: "page-migration-exporter",
    abstract: "Reports to Prometheus how many pages the Linux kernel migrates, how fast, and why.",
    discussion: """
      Reads /proc/vmstat and the vmstat of each NUMA node, and serves their migration counters \
      over HTTP. Without a command it serves.
      """,
    commands: [
      ServeCommand.self, ExplainCommand.self, WatchCommand.self, PrintCommand.self,
      PlacementCommand.self, DoctorCommand.self, HealthCommand.self, CheckConfigCommand.self,
    ])
}
