internal import Arguments
internal import Glibc
internal import Remote
internal import TLS
internal import WebConfig

extension HTTPURL: ArgumentValue {
  init(argument: String) throws(InvalidArgument) {
    guard let url = HTTPURL(argument) else { throw InvalidArgument() }
    self = url
  }

  var asArgument: String { origin }
  static var form: String? { "http://host:10057" }
}

/// How another exporter is asked that wants TLS or a password.
struct RemoteOptions: ArgumentGroup {
  let authorities: String?
  let certificate: String?
  let key: String?
  let loginFile: String?

  init(_ arguments: inout ArgumentReader) throws(UsageError) {
    authorities = try arguments.value(
      "url.ca", "file", "Certificate authorities to trust instead of the system's.")
    certificate = try arguments.value("url.cert", "file", "Client certificate to present.")
    key = try arguments.value("url.key", "file", "Private key of that certificate.")
    loginFile = try arguments.value(
      "url.login-file", "file",
      "File with USER:PASSWORD; without it $\(RemoteOptions.variable) is used.")
    guard (certificate == nil) == (key == nil) else {
      throw UsageError("--url.cert and --url.key must be given together")
    }
  }

  /// The environment is seen by root and the user alone, unlike the command line.
  static let variable = "PAGE_MIGRATION_EXPORTER_LOGIN"

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
