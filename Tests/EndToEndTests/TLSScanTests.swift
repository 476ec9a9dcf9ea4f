import Foundation
import TestSupport
import Testing

/// What Debian's testssl.sh finds at a server, but for the suite that each known browser would take. It
/// waits more than it works: so all servers are scanned at once, and this suite runs alone.
@Suite(.needs(.tool("testssl")), .needs(.tool("certtool")))
struct `A scan by testssl` {
  private struct Finding: Decodable, CustomStringConvertible {
    let id: String
    let severity: String
    let finding: String

    var description: String { "\(severity) \(id): \(finding)" }
    var isWorseThanLow: Bool { !["OK", "INFO", "LOW"].contains(severity) }
  }

  @Test(.timeLimit(.minutes(10)))
  func `finds nothing above low, with and without client certificates`() throws {
    let authority = try TestAuthority()
    // One that its scanner does not blame for its own short life, or for having no revocation.
    let lines = ["tls_www_server", "ip_address = 127.0.0.1", "ocsp_uri = \"http://127.0.0.1/\""]
    for isRSA in [false, true] {
      try authority.make(
        isRSA ? "rsa" : "ecdsa", lines, rsa: isRSA, validity: "expiration_days = 90")
    }
    let clients =
      "  client_auth_type: RequireAndVerifyClientCert\n"
      + "  client_ca_file: \(authority.path)/ca.crt\n"
    let asked = ["--protocols", "--standard", "--pfs", "--server-preference"]
    // By a client that is let in.
    let checks = asked + ["--server-defaults", "--headers", "--vulnerable"]
    // The scanner's own engine; that it finds no HTTP without a certificate; and what it tells by
    // whether its client left before it was closed: `ends a connection whose client wants to
    // renegotiate` looks at that itself.
    let unjudged = ["engine_problem", "service", "secure_client_renego"]
    let weak = "  max_version: TLS12\n  cipher_suites: [TLS_RSA_WITH_AES_128_CBC_SHA]\n"
    let cases: [(key: String, config: String, checks: [String], bad: [String])] = [
      ("ecdsa", "", checks, []), ("rsa", "", checks, []), ("ecdsa", clients, asked, []),
      // It does say something of what is wrong.
      ("rsa", weak, ["--pfs"], ["PFS"]),
    ]
    try concurrently(cases.count) { number in
      let (key, config, checks, expected) = cases[number]
      let folder = try ConfiguredFolder(
        "tls_server_config:\n  cert_file: \(authority.path)/\(key).crt\n"
          + "  key_file: \(authority.path)/\(key).key\n" + config)
      let server = try folder.serve()
      let findings = try scan(server, checks, trusting: "\(authority.path)/ca.crt")
      let bad = findings.filter { $0.isWorseThanLow && !unjudged.contains($0.id) }
      #expect(Set(bad.map(\.id)) == Set(expected), "\(number): \(bad)")
      guard checks.count > 1 else { return }
      #expect(findings.contains { $0.id == "TLS1_3" && $0.severity == "OK" })
      #expect(findings.count > (checks == asked ? 20 : 80), "\(number): \(findings.count)")
    }
  }

  private func scan(
    _ server: ServingExporter, _ checks: [String], trusting authority: String
  ) throws -> [Finding] {
    let tree = try TemporaryTree()
    let file = "\(tree.path)/findings.json"
    let result = try Command.run(
      [
        "testssl", "--quiet", "--color=0", "--warnings=batch", "--nodns=none",
        "--add-ca=\(authority)", "--jsonfile=\(file)",
      ] + checks + ["https://\(server.address)"], limitSeconds: 540)
    guard let text = try? Files.text(file) else { throw Failure(result.text + result.errors) }
    return try JSONDecoder().decode([Finding].self, from: Data(text.utf8))
  }
}
