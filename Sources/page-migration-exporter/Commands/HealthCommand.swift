internal import ArgumentParser
internal import Remote

struct HealthCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "health",
    abstract: "Ask a running exporter whether it can serve scrapes.",
    discussion: """
      For a container's health check, without any other program: exits with 0 if it can, and with 1 \
      and one line that says why if it cannot.
      """)

  @Option(help: "Where the exporter serves.")
  var url = HTTPURL.local

  @OptionGroup(title: "Its TLS and password") var remote: RemoteOptions

  func run() throws {
    let access = try remote.access()
    do {
      _ = try HTTPGet.body(of: url.with(path: "/-/ready"), access)
    } catch {
      throw StartFailure(error)
    }
  }
}
