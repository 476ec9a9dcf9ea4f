internal import ArgumentParser

struct HealthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Ask a running exporter whether it can serve scrapes.",
    discussion: """
      For the health check of a container, which needs no other program: exits with 0 where the \
      answer is yes, and with 1 and a line that says why where it is not.
      """)

  @Option(help: "Where the exporter serves.")
  var url = HTTPURL.local

  func run() throws {
    do {
      _ = try HTTPGet.body(of: url.with(path: "/-/ready"))
    } catch {
      throw StartFailure(error)
    }
  }
}
