import TLS
import TestSupport
import WebConfig

/// What a connection goes through.
enum Wire: CaseIterable {
  case plain, tls

  /// Nil without TLS.
  func config() throws -> WebConfig? {
    guard self == .tls else { return nil }
    let authority = try TestAuthority.shared.get()
    var settings = ServerTLSSettings()
    settings.certificate = try Files.read("\(authority.path)/server.crt")
    settings.key = try Files.read("\(authority.path)/server.key")
    var config = WebConfig()
    config.tls = try ServerTLS(settings)
    return config
  }

  /// The certificate of whom its clients trust. Nil without TLS.
  func authority() throws -> [UInt8]? {
    self == .tls ? try Files.read("\(try TestAuthority.shared.get().path)/ca.crt") : nil
  }
}
