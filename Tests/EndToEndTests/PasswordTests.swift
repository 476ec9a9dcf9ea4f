import TestSupport
import Testing

private let users = """
  basic_auth_users:
    alice: \(hunter2)
    bob: \(swordfish)
    empty: \(emptyPassword)
    long: \(seventyTwo)

  """

@Suite(.serialized) struct `With users the exporter` {
  @Test func `answers those with the right password and nobody else`() throws {
    let server = try ConfiguredFolder(users).serve()
    let cases: [(user: [UInt8], password: [UInt8], isRight: Bool)] = [
      (utf8("alice"), utf8("hunter2"), true), (utf8("bob"), utf8("swordfish"), true),
      (utf8("empty"), [], true), (utf8("long"), utf8(String(repeating: "x", count: 72)), true),
      // As bcrypt has it, in every exporter.
      (utf8("long"), utf8(String(repeating: "x", count: 600)), true),
      (utf8("alice"), utf8("hunter3"), false), (utf8("alice"), utf8("swordfish"), false),
      (utf8("bob"), utf8("hunter2"), false), (utf8("alice"), [], false),
      (utf8("alice"), utf8("hunter2") + [0], false),
      (utf8("alice"), utf8("hunter2") + [0] + utf8("x"), false),
    ]
    for (user, password, isRight) in cases {
      let answer = try server.get("/-/healthy", [basic(user + [0x3a] + password)])
      #expect(answer.status == (isRight ? 200 : 401), "\(user) \(password)")
    }
  }

  @Test func `does not know who is nobody, whatever bytes that has`() throws {
    let server = try ConfiguredFolder(users).serve()
    for (user, password) in [
      (utf8("mallory"), utf8("hunter2")), (utf8("Alice"), utf8("hunter2")),
      (utf8("alice "), utf8("hunter2")), (utf8("alice") + [0], utf8("hunter2")),
      ([0xff, 0xfe], utf8("hunter2")), ([], utf8("hunter2")), ([], []),
    ] as [([UInt8], [UInt8])] {
      #expect(try server.get("/-/healthy", [basic(user + [0x3a] + password)]).status == 401)
    }
  }

  @Test func `asks for a password before it says anything else`() throws {
    let server = try ConfiguredFolder(users).serve()
    let none = try server.get("/-/healthy")
    #expect(none.status == 401)
    #expect(
      none.header("WWW-Authenticate")
        == "Basic realm=\"page-migration-exporter\", charset=\"UTF-8\"")
    #expect(none.header("X-Content-Type-Options") == "nosniff")
    for path in ["/", "/metrics", "/rates", "/nothing", "/-/ready"] {
      let answer = try server.get(path)
      #expect(answer.status == 401 && answer.body == none.body, "\(path)")
    }
    for header in [
      "Basic", "Basic ", "Basic %%%%", "Basic YWxpY2U", "Bearer YWxpY2U6aHVudGVyMg==",
      "Basic YWxpY2U=", "Digest username=alice", "Basic YWxpY2U6aHVudGVyMg==x",
      "Basic " + String(repeating: "QUFB", count: 2000),
    ] {
      #expect(try server.get("/metrics", ["Authorization: \(header)"]).status == 401, "\(header)")
    }
    let twice = try server.get(
      "/metrics", [basic(utf8("alice:hunter2")), basic(utf8("alice:hunter2"))])
    #expect(twice.status == 400)
    // A connection stays, and what it may do is asked for each request anew.
    let connection = try HTTPConnection(server.address)
    for _ in 0..<3 {
      #expect(try connection.get("/metrics").status == 401)
      #expect(try connection.get("/metrics", [basic(utf8("alice:hunter2"))]).status == 200)
    }
    #expect(
      try connection.request("POST", "/metrics", [basic(utf8("alice:hunter2"))]).status == 405)
    #expect(try connection.get("/none", [basic(utf8("alice:hunter2"))]).status == 404)
  }

  @Test func `takes ten wrong passwords at once and then few, and counts them`() throws {
    let server = try ConfiguredFolder("basic_auth_users:\n  bob: \(swordfish)\n").serve()
    let right = basic(utf8("bob:swordfish"))
    #expect(try server.get("/metrics", [right]).status == 200)
    // Where the machine is so busy that they take a second each, there is one more for each second.
    var statuses: [Int] = []
    try waitUntil("one is not looked at") {
      statuses.append(try server.get("/", [basic(utf8("bob:\(statuses.count)"))]).status)
      return statuses.last == 429
    }
    #expect(statuses.count > 10 && statuses.dropLast().allSatisfy { $0 == 401 })
    // Whoever is known already is not kept out by it.
    let text = try server.get("/metrics", [right]).text
    let failed = "pagemigration_http_logins_failed_total"
    #expect(text.contains("\(failed){reason=\"password\"} \(statuses.count - 1)\n"))
    #expect(text.contains("\(failed){reason=\"limit\"} 1\n"))
  }

  /// Bob's hash has cost 4 and Alice's 10: both, nobody's and a right password that is new take what
  /// Alice's takes.
  @Test func `takes as long for nobody as for a wrong and for a right password, whatever the cost`()
    throws
  {
    let server = try ConfiguredFolder(
      users + (0..<3).map { "  right\($0): \(swordfish)\n" }.joined()
    ).serve()
    var times: [String: [Duration]] = [:]
    for round in 0..<3 {
      for (user, password, status) in [
        ("alice", "\(round)", 401), ("bob", "\(round)", 401), ("nobody", "\(round)", 401),
        ("right\(round)", "swordfish", 200),
      ] {
        let begin = ContinuousClock.now
        let answer = try server.get("/-/healthy", [basic(utf8("\(user):\(password)"))])
        let time = ContinuousClock.now - begin
        #expect(answer.status == status)
        times[status == 200 ? "right" : user, default: []].append(time)
      }
    }
    let best = times.mapValues { $0.min()! }
    for (user, time) in best {
      #expect(time < best.values.min()! * 3, "\(user): \(best)")
      #expect(time > .milliseconds(10), "\(user): \(best)")
    }
  }

  @Test func `answers scrapes as ever while many try passwords`() throws {
    let server = try ConfiguredFolder(users).serve()
    let right = basic(utf8("alice:hunter2"))
    #expect(try server.get("/metrics", [right]).status == 200)
    try concurrently(4) { number in
      for count in 0..<40 {
        if number == 0 {
          let begin = ContinuousClock.now
          #expect(try server.get("/metrics", [right]).status == 200)
          #expect(ContinuousClock.now - begin < .seconds(2))
        } else {
          let status = try server.get("/", [basic(utf8("alice:\(number) \(count)"))]).status
          #expect([401, 429].contains(status))
        }
        pause(milliseconds: 20)
      }
    }
  }

  @Test func `answers as many requests as the rate allows`() throws {
    let server = try ConfiguredFolder("rate_limit: {interval: 1h, burst: 3}\n").serve()
    let statuses = try (0..<5).map { _ in try server.get("/-/healthy").status }
    #expect(statuses == [200, 200, 200, 429, 429])
    #expect(try server.get("/-/healthy").header("Retry-After") == "1")
  }

  @Test func `adds the headers that it is told, and keeps those of the page`() throws {
    let server = try ConfiguredFolder(
      """
      http_server_config:
        headers:
          Strict-Transport-Security: max-age=63072000
          X-Frame-Options: deny
          X-XSS-Protection: "0"
          Content-Security-Policy: default-src 'none'
      """
    ).serve()
    for path in ["/metrics", "/none", "/-/healthy"] {
      let answer = try server.get(path)
      #expect(answer.header("Strict-Transport-Security") == "max-age=63072000", "\(path)")
      #expect(answer.header("X-Frame-Options") == "deny")
      #expect(answer.header("X-XSS-Protection") == "0")
      #expect(answer.header("Content-Security-Policy") == "default-src 'none'")
    }
    let page = try server.get("/", ["Accept: text/html"])
    let policies = page.headers.filter { $0.name.lowercased() == "content-security-policy" }
    #expect(policies.count == 1 && policies[0].value.contains("nonce-"))
  }
}

private func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

private func basic(_ login: [UInt8]) -> String {
  let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  var text = ""
  for start in stride(from: 0, to: login.count, by: 3) {
    let group = login[start..<min(start + 3, login.count)]
    let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
    for place in 0..<4 {
      text.append(place <= group.count ? digits[bits >> (18 - 6 * place) & 63] : "=")
    }
  }
  return "Authorization: Basic \(text)"
}
