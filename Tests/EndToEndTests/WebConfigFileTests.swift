import Glibc
import TestSupport
import Testing

@Suite(.serialized, .needs(.tool("certtool")))
struct `The web configuration file` {
  @Test(arguments: [
    ("a: 1\n", ":1:1: unknown key 'a' in the configuration"),
    (
      "tls_server_config:\n  cert_file: none.crt\n  key_file: server.key\n",
      ":2:14: cert_file none.crt cannot be read: No such file or directory"
    ),
    (
      "tls_server_config:\n  cert_file: server.crt\n  key_file: server-rsa.key\n",
      ":3:13: key_file server-rsa.key holds the key of another certificate"
    ),
    (
      "basic_auth_users: [",
      ":2:1: not YAML: while parsing a flow node, did not find expected node content"
    ),
  ])
  func `is refused by serve and by check-config with the same line`(text: String, reason: String)
    throws
  {
    let folder = try ConfiguredFolder(text)
    let line = "page-migration-exporter: \(folder.path)\(reason)\n"
    for arguments in [
      ["check-config", folder.path],
      ["--web.config.file=\(folder.path)", "--web.listen-address=127.0.0.1:0"],
    ] {
      let result = try Command.run([Exporter.path] + arguments)
      #expect(result.status == .exit(1))
      #expect(result.errors == line)
      #expect(result.text.isEmpty)
    }
  }

  @Test func `is said by check-config to be good, with its warnings`() throws {
    let folder = try ConfiguredFolder(
      ConfiguredFolder.pair + "  min_version: TLS11\n" + "basic_auth_users:\n  alice: \(hunter2)\n")
    let result = try Exporter.run("check-config", folder.path)
    #expect(result.status == .exit(0) && result.errors.isEmpty)
    let lines = result.text.split(separator: "\n")
    #expect(lines[0] == "warning: \(folder.path):4:16: TLS 1.1 is broken: use TLS12")
    #expect(lines[1].hasPrefix("\(folder.path) can be used: TLS 1.1 to 1.3, a certificate until "))
    #expect(lines[1].hasSuffix(", no client certificates, passwords of 1 user"))
    let server = try folder.serve()
    #expect(try server.awaitedLog("TLS 1.1 is broken").count == 1)
  }

  @Test func `is read again when it or what it names has changed`() throws {
    let folder = try ConfiguredFolder(ConfiguredFolder.pair)
    let server = try folder.serve()
    func metrics() throws -> [String: String] { try self.metrics(folder, server) }
    #expect(try metrics()["pagemigration_web_config_reload_success"] == "1")
    let end = try #require(
      try metrics()["pagemigration_web_certificate_not_after_timestamp_seconds"])

    // Another certificate: two files, one after the other.
    let other = try TestAuthority()
    for file in ["ca.crt", "server.crt", "server.key"] {
      try folder.tree.write(file, try other.text(file))
      pause(milliseconds: 100)
    }
    _ = try server.awaitedLog("msg=\"web configuration reloaded\"")
    #expect(try folder.curl(server) == "200")
    #expect(try metrics()["pagemigration_web_config_reload_success"] == "1")
    #expect(try metrics()["pagemigration_web_certificate_not_after_timestamp_seconds"] != end)

    // A broken file: once logged, and all stays.
    try folder.tree.write("web.yml", "tls_server_config: [\n")
    _ = try server.awaitedLog("the previous one stays")
    pause(milliseconds: 2500)
    #expect(try server.log("the previous one stays").count == 1)
    #expect(try folder.curl(server) == "200")
    #expect(try metrics()["pagemigration_web_config_reload_success"] == "0")

    // Users: taken up, on a connection that is there too.
    try folder.tree.write(
      "web.yml", ConfiguredFolder.pair + "basic_auth_users:\n  a: \(swordfish)\n")
    try waitUntil("a password is asked for") { try folder.curl(server) == "401" }
    #expect(try folder.curl(server, ["-u", "a:swordfish"]) == "200")
    #expect(try server.stop() == .exit(0))
  }

  @Test func `is read at SIGHUP, and switches TLS on and off`() throws {
    let folder = try ConfiguredFolder("{}\n")
    let server = try folder.serve()
    let connection = try HTTPConnection(server.address)
    #expect(try connection.get("/-/healthy").status == 200)
    try folder.tree.write("web.yml", ConfiguredFolder.pair)
    server.process.send(SIGHUP)
    _ = try server.awaitedLog("msg=\"web configuration reloaded\"")
    #expect(try folder.curl(server) == "200")
    #expect(
      try connection.get("/-/healthy").text == "400: this server speaks TLS now: use https://\n")
    #expect(try connection.rest() == [])
    try folder.tree.write("web.yml", "{}\n")
    server.process.send(SIGHUP)
    try waitUntil("TLS is off") { try folder.curl(server) == "000" }
    #expect(try server.get("/-/healthy").status == 200)
  }

  @Test func `is asked by watch, explain and health`() throws {
    let folder = try ConfiguredFolder(
      ConfiguredFolder.pair
        + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
        + "basic_auth_users:\n  alice: \(hunter2)\n")
    let server = try folder.serve()
    try folder.tree.write("login", "alice:hunter2\n")
    let url = ["--url", "https://\(server.address)", "--url.ca", "\(folder.tree.path)/ca.crt"]
    let client = [
      "--url.cert", "\(folder.authority.path)/client.crt", "--url.key",
      "\(folder.authority.path)/client.key",
    ]
    let login = ["--url.login-file", "\(folder.tree.path)/login"]
    for command in [["watch", "0.1", "2"], ["health"]] {
      let result = try Command.run([Exporter.path] + command + url + client + login)
      #expect(result.status == .exit(0), "\(command): \(result.errors)")
    }
    let explained = try Command.run([Exporter.path, "explain"] + url + client + login)
    #expect([.exit(0), .exit(2)].contains(explained.status), "\(explained.errors)")
    let fromEnvironment = try Command.run(
      [Exporter.path, "health"] + url + client,
      environment: ["PAGE_MIGRATION_EXPORTER_LOGIN": "alice:hunter2"])
    #expect(fromEnvironment.status == .exit(0), "\(fromEnvironment.errors)")
    for (arguments, words) in [
      (url + client, "the answer is 401 Unauthorized"),
      (url + login, "the server ended TLS"),
      (
        ["--url", "https://\(server.address)"] + client, "the server's certificate is not trusted: "
      ),
      (["--url", "http://\(server.address)"], "the answer is 400 Bad Request"),
    ] {
      let result = try Command.run([Exporter.path, "health"] + arguments)
      #expect(result.status == .exit(1))
      #expect(result.errors.contains(words), "\(result.errors)")
    }
  }

  private func metrics(_ folder: ConfiguredFolder, _ server: ServingExporter) throws
    -> [String: String]
  {
    let text = try Command.run([
      "curl", "-s", "--cacert", "\(folder.tree.path)/ca.crt", "https://\(server.address)/metrics",
    ]).text
    let pairs = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: " ") }
    return Dictionary(pairs.map { (String($0[0]), String($0[1])) }) { first, _ in first }
  }
}
