internal import Arguments
internal import Remote

struct HealthCommand: Command {
  static let name = "health"
  static let abstract = "Ask a running exporter whether it can serve scrapes."
  static let discussion: String? = """
    For a container's health check, without any other program: exits with 0 if it can, and with 1 \
    and one line that says why if it cannot.
    """

  let url: HTTPURL
  let remote: RemoteOptions

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    url = try arguments.value("url", "url", standard: .local, "Where the exporter serves.")
    remote = try arguments.group("TLS and password")
  }

  func run() throws {
    let access = try remote.access()
    do {
      _ = try HTTPGet.body(of: url.with(path: "/-/ready"), access)
    } catch {
      throw StartFailure(error)
    }
  }
}
