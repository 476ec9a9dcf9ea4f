import Glibc
import TestSupport
import Testing

@Suite(.serialized, .needs(.tool("certtool")))
struct `With TLS the exporter` {
  /// Which client is let in by which client_auth_type: the five of crypto/tls.
  @Test(
    arguments: [
      (
        "NoClientCert", ["none", "client", "client-of-other-ca", "client-alone", "client-expired"],
        []
      ),
      (
        "RequestClientCert",
        ["none", "client", "client-of-other-ca", "client-alone", "client-expired"], []
      ),
      (
        "RequireAnyClientCert", ["client", "client-of-other-ca", "client-alone", "client-expired"],
        ["none"]
      ),
      (
        "VerifyClientCertIfGiven", ["none", "client", "client-no-name"],
        ["client-of-other-ca", "client-alone", "client-expired", "client-for-servers"]
      ),
      (
        "RequireAndVerifyClientCert", ["client", "client-no-name"],
        ["none", "client-of-other-ca", "client-alone", "client-expired", "client-for-servers"]
      ),
    ] as [(String, [String], [String])])
  func `lets in whom the client_auth_type allows`(
    type: String, welcome: [String], refused: [String]
  ) throws {
    let authority = type == "NoClientCert" ? "" : "  client_ca_file: ca.crt\n"
    let folder = try ConfiguredFolder(
      ConfiguredFolder.pair + "  client_auth_type: \(type)\n" + authority)
    let server = try folder.serve()
    for version in ["1.2", "1.3"] {
      for (names, answer) in [(welcome, "200"), (refused, "000")] {
        for name in names {
          let flags = ["--tlsv\(version)", "--tls-max", version]
          let got = try folder.curl(server, flags + folder.client(name == "none" ? nil : name))
          #expect(got == answer, "\(name) over \(version)")
        }
      }
    }
    #expect(try server.stop() == .exit(0))
  }

  @Test(arguments: [
    "prometheus.example", "ops@example.org", "192.0.2.7", "2001:db8::7",
    "spiffe://example.org/prometheus",
  ])
  func `takes a client by each kind of name, and no other`(name: String) throws {
    let folder = try ConfiguredFolder(
      ConfiguredFolder.pair
        + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
        + "  client_allowed_sans: ['\(name)', somebody.else]\n")
    let server = try folder.serve()
    #expect(try folder.curl(server, folder.client("client")) == "200")
    for other in ["client-other-name", "client-no-name", "client-of-other-ca"] {
      #expect(try folder.curl(server, folder.client(other)) == "000", "\(other)")
    }
  }

  @Test(
    arguments: [
      ("", ["1.2", "1.3"], ["1.0", "1.1"]),
      ("  min_version: TLS13\n", ["1.3"], ["1.0", "1.1", "1.2"]),
      ("  max_version: TLS12\n", ["1.2"], ["1.0", "1.1", "1.3"]),
      ("  min_version: TLS10\n", ["1.0", "1.1", "1.2", "1.3"], []),
      ("  min_version: TLS11\n  max_version: TLS11\n", ["1.1"], ["1.0", "1.2", "1.3"]),
    ] as [(String, [String], [String])])
  func `speaks the versions that it is told`(
    lines: String, spoken: [String], others: [String]
  ) throws {
    for pair in [ConfiguredFolder.pair, ConfiguredFolder.rsaPair] {
      let server = try ConfiguredFolder(pair + lines).serve()
      for version in spoken {
        #expect(try negotiated(server, version: version) != nil, "\(version)")
      }
      for version in others {
        #expect(try negotiated(server, version: version) == nil, "\(version)")
      }
    }
  }

  /// A list of suites is of TLS 1.2 alone, as in Go: 1.3 stays as it is.
  @Test(arguments: [
    ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256", false),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384", false),
    ("TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", false),
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA", false),
    ("TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA", false),
    ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256", true),
    ("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384", true),
    ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305", true),
    ("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA", true),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA", true),
    ("TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256", true),
    ("TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384", true),
    ("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA", true),
    ("TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA", true),
  ])
  func `offers the suite that it is told, and over TLS 1 2 no other`(
    name: String, suite: String, rsa: Bool
  ) throws {
    let pair = rsa ? ConfiguredFolder.rsaPair : ConfiguredFolder.pair
    let server = try ConfiguredFolder(pair + "  cipher_suites: [\(name)]\n").serve()
    #expect(try negotiated(server, version: "1.2") == suite)
    #expect(
      try negotiated(server, version: "1.2", ["-cipher", "ALL:!\(suite):@SECLEVEL=0"]) == nil)
    for suite in [
      "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
    ] {
      #expect(try negotiated(server, version: "1.3", ["-ciphersuites", suite]) == suite)
    }
  }

  @Test(arguments: [
    ("CurveP256", "P-256", "P-384"), ("CurveP384", "P-384", "P-256"),
    ("CurveP521", "P-521", "X25519"),
    ("X25519", "X25519", "P-256"),
  ])
  func `uses the curve that it is told, and no other`(name: String, curve: String, other: String)
    throws
  {
    let server = try ConfiguredFolder(
      ConfiguredFolder.rsaPair + "  curve_preferences: [\(name)]\n"
    ).serve()
    for version in ["1.2", "1.3"] {
      #expect(try negotiated(server, version: version, ["-curves", curve]) != nil)
      #expect(try negotiated(server, version: version, ["-curves", other]) == nil)
    }
  }

  @Test func `is spoken to by GnuTLS, and checked by its clients`() throws {
    let folder = try ConfiguredFolder(ConfiguredFolder.pair)
    let server = try folder.serve()
    let port = server.address.split(separator: ":").last!
    let result = try Command.run(
      [
        "gnutls-cli", "--x509cafile", "\(folder.tree.path)/ca.crt", "--port", "\(port)",
        "127.0.0.1",
      ], input: Array("GET /-/healthy HTTP/1.0\r\n\r\n".utf8))
    #expect(result.text.contains("healthy"), "\(result.text) \(result.errors)")
    for (certificate, isTrusted) in [
      ("server", true), ("elsewhere", false), ("expired", false), ("client-alone", false),
    ] {
      let folder = try ConfiguredFolder(
        "tls_server_config:\n  cert_file: \(folder.authority.path)/\(certificate).crt\n"
          + "  key_file: \(folder.authority.path)/\(certificate).key\n")
      #expect(try folder.curl(try folder.serve()) == (isTrusted ? "200" : "000"), "\(certificate)")
    }
  }

  /// OpenSSL sends tickets after a handshake, and so do nginx and HAProxy.
  @Test func `understands a server that sends tickets`() throws {
    let folder = try ConfiguredFolder(ConfiguredFolder.pair)
    let server = try ScriptedServer(
      running: """
        import socket, ssl, sys
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[1:])
        server = socket.create_server(("127.0.0.1", 0))
        print("%s:%d" % server.getsockname(), flush=True)
        while True:
            client, _ = server.accept()
            try:
                with context.wrap_socket(client, server_side=True) as tls:
                    tls.recv(4096)
                    tls.sendall(b"HTTP/1.0 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nready\\n")
            except OSError:
                pass
        """, ["crt", "key"].map { "\(folder.authority.path)/server.\($0)" })
    for _ in 1...3 {
      let health = try Command.run(
        [Exporter.path, "health", "--url=https://\(server.address)"]
          + ["--url.ca=\(folder.authority.path)/ca.crt"])
      #expect(health.status == .exit(0) && health.errors == "")
    }
  }

  @Test func `gives up on a server whose record never ends`() throws {
    let server = try ScriptedServer(
      running: """
        import socket, time
        server = socket.create_server(("127.0.0.1", 0))
        print("%s:%d" % server.getsockname(), flush=True)
        client, _ = server.accept()
        client.sendall(b"\\x16\\x03\\x03\\x40\\x00\\x02")
        while True:
            client.sendall(b"\\0")
            time.sleep(0.3)
        """)
    let health = try Command.run(
      [Exporter.path, "health", "--url=https://\(server.address)"], limitSeconds: 20)
    #expect(health.status == .exit(1))
    #expect(health.errors.contains("no answer within 5 s"))
  }

  @Test func `tells who speaks HTTP to use https, and does not answer noise`() throws {
    let server = try ConfiguredFolder(ConfiguredFolder.pair).serve()
    let answer = try HTTPConnection(server.address).get("/metrics")
    #expect(answer.status == 400)
    #expect(answer.text == "400: this server speaks TLS: use https://\n")
    let noise = try HTTPConnection(server.address)
    try noise.send([0, 1, 2, 3])
    #expect(try noise.rest() == [])
  }

  /// A new handshake costs the server more than its client: who asks for one is closed, in order.
  @Test func `ends a connection whose client wants to renegotiate`() throws {
    let folder = try ConfiguredFolder(ConfiguredFolder.rsaPair)
    let server = try folder.serve()
    // Its standard input stays open, since at its end openssl leaves by itself.
    let script = """
      mkfifo "$0"
      openssl s_client -connect "$1" -tls1_2 -msg <"$0" & exec 3>"$0"; echo R >&3; wait $!
      """
    let result = try Command.run(
      ["bash", "-c", script, "\(folder.tree.path)/input", server.address])
    #expect(result.errors.contains("RENEGOTIATING"), "\(result.text) \(result.errors)")
    #expect(result.text.hasSuffix("closed\n"))
    #expect(result.text.matches(of: /, ServerHello\n/).count == 1)
    #expect(try folder.curl(server) == "200")
  }

  /// With epoll, libmicrohttpd goes round without end meanwhile.
  @Test func `waits for a slow handshake without work, and not for ever`() throws {
    let folder = try ConfiguredFolder(ConfiguredFolder.pair)
    let server = try folder.serve(["--web.head-timeout=3s"])
    let slow = try (0..<20).map { _ in try HTTPConnection(server.address) }
    for connection in slow { try connection.send([0x16, 3, 1, 2, 0, 1, 0]) }
    let before = try processorTicks(server.process.pid)
    pause(milliseconds: 1500)
    #expect(try processorTicks(server.process.pid) - before < 50)
    #expect(try folder.curl(server) == "200")
    for connection in slow { #expect(try connection.rest() == []) }
  }

  /// The suite that openssl agrees upon with the server. Nil where they do not.
  private func negotiated(
    _ server: ServingExporter, version: String, _ flags: [String] = []
  ) throws -> String? {
    let number = version.replacing(".", with: "_").replacing("1_0", with: "1")
    let open = flags.contains("-cipher") ? [] : ["-cipher", "ALL:@SECLEVEL=0"]
    let result = try Command.run(
      ["openssl", "s_client", "-connect", server.address, "-tls\(number)"] + open + flags)
    let text = result.text + result.errors
    guard let found = text.firstMatch(of: /Cipher is (\S+)/), found.1 != "(NONE)" else {
      return nil
    }
    return String(found.1)
  }

  /// What the process has used of processors, in ticks of 10 ms.
  private func processorTicks(_ pid: pid_t) throws -> Int {
    let fields = try Files.text("/proc/\(pid)/stat").split(separator: " ")
    return Int(fields[13])! + Int(fields[14])!
  }
}
