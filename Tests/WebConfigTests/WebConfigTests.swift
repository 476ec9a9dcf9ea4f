import System
import TLS
import TestSupport
import Testing
import WebConfig

/// Reads `text` as web.yml in the folder of the test's certificates.
private func read(_ text: [UInt8]) throws -> WebConfig {
  let folder = try TestAuthority.shared.get().path
  return try WebConfig(reading: "web.yml", at: .now) { (path) throws(UnreadableFile) in
    if path == "web.yml" { return text }
    return try RegularFile.bytes(path.hasPrefix("/") ? path : "\(folder)/\(path)")
  }
}

private func said(_ text: [UInt8]) -> (isGood: Bool, lines: [String]) {
  do {
    return (true, try read(text).warnings.map(\.description))
  } catch {
    return (false, ["\(error)"])
  }
}

@Suite struct `A web configuration` {
  @Test(arguments: goodConfigs + badConfigs)
  func `is taken, or refused with one line that has the place`(one: ConfigCase) {
    let (isGood, lines) = said(Array(one.text.utf8))
    #expect(isGood == one.isGood)
    #expect(lines == one.lines)
    for line in lines { #expect(!line.contains("\n") && line.utf8.allSatisfy { $0 >= 0x20 }) }
  }

  @Test func `has many cases`() { #expect(goodConfigs.count + badConfigs.count >= 100) }

  @Test(
    arguments: [
      ([0x61, 0x3a, 0x20, 0xff], "web.yml:1:4: not UTF-8"),
      (Array("a: b\n# ".utf8) + [0xc3, 0x28], "web.yml:2:4: not UTF-8"),
      (Array("a: ".utf8) + [0], "web.yml:1:4: control characters are not allowed"),
    ] as [([UInt8], String)])
  func `must be UTF-8`(text: [UInt8], line: String) {
    #expect(said(text) == (false, [line]))
  }

  @Test func `takes certificate, key and authority where they stand in it`() throws {
    let authority = try TestAuthority.shared.get()
    func block(_ file: String) throws -> String {
      try authority.text(file).split(separator: "\n").map { "    \($0)\n" }.joined()
    }
    let text = """
      tls_server_config:
        cert: |
      \(try block("server.crt"))  key: |
      \(try block("server.key"))  client_ca: |
      \(try block("ca.crt"))  client_auth_type: RequireAndVerifyClientCert

      """
    let config = try read(Array(text.utf8))
    #expect(config.warnings == [])
    #expect(config.files == ["web.yml"])
    #expect(config.tls?.settings.clientAuthentication == .requireAndVerify)
  }

  @Test func `means what the toolkit means by it`() throws {
    let config = try read(
      Array(
        """
        tls_server_config:
          cert_file: server.crt
          key_file: server.key
          client_auth_type: RequireAndVerifyClientCert
          client_ca_file: ca.crt
          client_allowed_sans: [prometheus.example]
          min_version: TLS13
        http_server_config:
          headers: {X-Frame-Options: deny}
        basic_auth_users:
          alice: \(hash)
        rate_limit: {interval: 1m30s, burst: 5}
        """.utf8))
    let settings = try #require(config.tls).settings
    #expect(settings.minimum == .tls13 && settings.maximum == .tls13)
    #expect(settings.clientNames == ["prometheus.example"])
    #expect(config.headers.map(\.name) == ["X-Frame-Options"])
    #expect(config.users["alice"]?.cost == 10)
    #expect(config.rateLimit == WebConfig.RateLimit(interval: .seconds(90), burst: 5))
    #expect(config.files == ["web.yml", "server.crt", "server.key", "ca.crt"])
  }

  @Test func `finds its files from its own folder`() throws {
    let tree = try TemporaryTree()
    let authority = try TestAuthority.shared.get()
    for file in ["server.crt", "server.key"] {
      try tree.write("etc/tls/\(file)", try authority.text(file))
    }
    try tree.write(
      "etc/web.yml",
      "tls_server_config:\n  cert_file: tls/server.crt\n  key_file: tls/server.key\n")
    let config = try WebConfig(reading: "\(tree.path)/etc/web.yml")
    #expect(
      config.files.map { $0.dropFirst(tree.path.count) } == [
        "/etc/web.yml", "/etc/tls/server.crt", "/etc/tls/server.key",
      ])
  }

  @Test func `is not waited for, and not read without end`() throws {
    let tree = try TemporaryTree()
    try tree.makeFIFO("fifo")
    try tree.write("large", [UInt8](repeating: 0x23, count: RegularFile.sizeLimit + 1))
    for (file, reason) in [
      ("fifo", "not a regular file"), ("large", "larger than 1 MiB"),
      ("none", "No such file or directory"),
    ] {
      let path = "\(tree.path)/\(file)"
      #expect(throws: ConfigProblem(path: path, position: nil, reason: "cannot be read: \(reason)"))
      {
        try WebConfig(reading: path)
      }
    }
  }
}
