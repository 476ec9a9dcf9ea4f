/// Certificates that a test needs, made anew by GnuTLS's certtool: nothing here can expire.
///
/// In ``path`` there are an authority `ca`, an authority `other-ca` that nobody trusts, and for each
/// name `NAME.crt` and `NAME.key`.
package final class TestAuthority: Sendable {
  private let tree: TemporaryTree
  package var path: String { tree.path }

  /// Shared by all tests of a process, which must not change it.
  package static let shared = Result { try TestAuthority() }

  /// - Parameter own: whether an authority of one's own is needed, to change its files.
  package init() throws {
    tree = try TemporaryTree()
    try makeAuthority("ca")
    try makeAuthority("other-ca")
    try make("server", ["tls_www_server", "dns_name = localhost", "ip_address = 127.0.0.1"])
    try make(
      "server-rsa", ["tls_www_server", "dns_name = localhost", "ip_address = 127.0.0.1"], rsa: true)
    try make("elsewhere", ["tls_www_server", "dns_name = elsewhere.example"])
    try make(
      "expired", ["tls_www_server", "dns_name = localhost"],
      validity: "activation_date = 2020-01-01 00:00:00\nexpiration_date = 2020-02-01 00:00:00")
    try make(
      "future", ["tls_www_server", "dns_name = localhost"],
      validity: "activation_date = 2099-01-01 00:00:00\nexpiration_date = 2099-02-01 00:00:00")
    try make(
      "client",
      [
        "tls_www_client", "dns_name = prometheus.example", "email = ops@example.org",
        "ip_address = 192.0.2.7", "ip_address = 2001:db8::7",
        "uri = spiffe://example.org/prometheus",
      ])
    try make("client-other-name", ["tls_www_client", "dns_name = prometheus.example.org"])
    try make("client-no-name", ["tls_www_client"])
    try make(
      "client-of-other-ca", ["tls_www_client", "dns_name = prometheus.example"], by: "other-ca")
    try make(
      "client-expired", ["tls_www_client", "dns_name = prometheus.example"],
      validity: "activation_date = 2020-01-01 00:00:00\nexpiration_date = 2020-02-01 00:00:00")
    try make("client-for-servers", ["tls_www_server", "dns_name = prometheus.example"])
    try tool(
      "--generate-self-signed", "client-alone", ["tls_www_client", "dns_name = prometheus.example"])
  }

  package func text(_ file: String) throws -> String { try Files.text("\(path)/\(file)") }

  private func makeAuthority(_ name: String) throws {
    try tool("--generate-self-signed", name, ["ca", "cert_signing_key"])
  }

  /// A certificate of `by`'s for a new key.
  package func make(
    _ name: String, _ lines: [String], by authority: String = "ca", rsa: Bool = false,
    validity: String = "expiration_days = 30"
  ) throws {
    try tool(
      "--generate-certificate", name, lines, rsa: rsa, validity: validity,
      [
        "--load-ca-certificate", "\(path)/\(authority).crt", "--load-ca-privkey",
        "\(path)/\(authority).key",
      ])
  }

  private func tool(
    _ what: String, _ name: String, _ lines: [String], rsa: Bool = false,
    validity: String = "expiration_days = 30", _ flags: [String] = []
  ) throws {
    let kind = rsa ? ["--key-type=rsa", "--bits=2048"] : ["--key-type=ecdsa", "--curve=secp256r1"]
    try run(["--generate-privkey", "--outfile", "\(path)/\(name).key"] + kind)
    let template =
      (["cn = \"\(name)\""] + lines + [validity, "signing_key", "encryption_key", ""])
      .joined(separator: "\n")
    try tree.write("\(name).template", template)
    try run(
      [
        what, "--load-privkey", "\(path)/\(name).key", "--template", "\(path)/\(name).template",
        "--outfile", "\(path)/\(name).crt",
      ] + flags)
  }

  private func run(_ arguments: [String]) throws {
    let result = try Command.run(["certtool"] + arguments)
    guard result.status == .exit(0) else { throw Failure("certtool: \(result.errors)") }
  }
}
