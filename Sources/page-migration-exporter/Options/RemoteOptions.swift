internal import ArgumentParser
internal import Glibc
internal import Remote
internal import TLS
internal import WebConfig

extension HTTPURL: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
  public var defaultValueDescription: String { origin }
}

/// How another exporter is asked that wants TLS or a password.
struct RemoteOptions: ParsableArguments {
  @Option(
    name: .customLong("url.ca"),
    help: ArgumentHelp(
      "Certificate authorities to trust instead of the system's.",
      valueName: "file"))
  var authorities: String?

  @Option(
    name: .customLong("url.cert"),
    help: ArgumentHelp("Client certificate to present.", valueName: "file"))
  var certificate: String?

  @Option(
    name: .customLong("url.key"),
    help: ArgumentHelp("Private key of that certificate.", valueName: "file"))
  var key: String?

  @Option(
    name: .customLong("url.login-file"),
    help: ArgumentHelp(
      "File with USER:PASSWORD; without it $\(RemoteOptions.variable) is used.",
      valueName: "file"))
  var loginFile: String?

  /// The environment is seen by root and the user alone, unlike the command line.
  static let variable = "PAGE_MIGRATION_EXPORTER_LOGIN"

  func validate() throws {
    guard (certificate == nil) == (key == nil) else {
      throw ValidationError("--url.cert and --url.key need each other")
    }
  }

  func access() throws(StartFailure) -> RemoteAccess {
    var access = RemoteAccess()
    if let authorities { access.identity.authorities = try bytes(authorities) }
    if let certificate { access.identity.certificate = try bytes(certificate) }
    if let key { access.identity.key = try bytes(key) }
    if let loginFile {
      let line = try bytes(loginFile).prefix { $0 != 0x0a && $0 != 0x0d }
      guard line.contains(UInt8(ascii: ":")) else {
        throw StartFailure("\(loginFile) does not begin with USER:PASSWORD")
      }
      access.login = Array(line)
    } else if let value = unsafe getenv(Self.variable) {
      let login = unsafe Array(String(cString: value).utf8)
      guard login.contains(UInt8(ascii: ":")) else {
        throw StartFailure("$\(Self.variable) is not USER:PASSWORD")
      }
      access.login = login
    }
    return access
  }

  private func bytes(_ path: String) throws(StartFailure) -> [UInt8] {
    do throws(UnreadableFile) {
      return try RegularFile.bytes(path)
    } catch {
      throw StartFailure("cannot read \(path): \(error.reason)")
    }
  }
}
