import Testing

/// A file, and what is said about it.
struct ConfigCase: CustomTestStringConvertible, Sendable {
  let text: String
  /// The problem's line; or, where the file is taken, its warnings.
  let lines: [String]
  let isGood: Bool

  var testDescription: String { "\(text.debugDescription.prefix(80))" }

  static func good(_ text: String, _ warnings: String...) -> ConfigCase {
    ConfigCase(text: text, lines: warnings, isGood: true)
  }

  static func bad(_ text: String, _ line: String) -> ConfigCase {
    ConfigCase(text: text, lines: [line], isGood: false)
  }
}

/// A hash as htpasswd writes it; then as others do; then of costs 4 and 19.
let hash = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"
private let hashA = "$2a" + hash.dropFirst(3)
private let hashB = "$2b" + hash.dropFirst(3)
private let cheapHash = "$2y$04$" + hash.dropFirst(7)
private let dearHash = "$2y$19$" + hash.dropFirst(7)

private let pair = "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n"
private let noTLS = "web.yml:1:19: without TLS, passwords can be read on the network"

let goodConfigs: [ConfigCase] = [
  .good(pair),
  .good("tls_server_config: {cert_file: server.crt, key_file: server.key}\n"),
  .good("---\n" + pair + "...\n"),
  .good("# comment\n" + pair),
  .good("\u{feff}" + pair),
  .good(pair.replacing("\n", with: "\r\n")),
  .good("tls_server_config:\n  cert_file: \"server.crt\"\n  key_file: 'server.key'\n"),
  .good(pair + "  client_auth_type: NoClientCert\n"),
  .good(pair + "  client_auth_type: RequestClientCert\n"),
  .good(
    pair + "  client_auth_type: RequireAnyClientCert\n",
    "web.yml:4:21: RequireAnyClientCert takes any certificate; only RequireAndVerifyClientCert verifies it"
  ),
  .good(
    pair + "  client_auth_type: RequireClientCert\n",
    "web.yml:4:21: RequireAnyClientCert takes any certificate; only RequireAndVerifyClientCert verifies it"
  ),
  .good(pair + "  client_auth_type: VerifyClientCertIfGiven\n  client_ca_file: ca.crt\n"),
  .good(pair + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"),
  .good(
    pair + "  client_auth_type: RequireAndVerifyClientCert\n",
    "web.yml:4:21: without client_ca_file anyone with a certificate from a public authority can connect"
  ),
  .good(
    pair + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.crt\n"
      + "  client_allowed_sans:\n    - prometheus.example\n    - 192.0.2.7\n"),
  .good(pair + "  min_version: TLS13\n"),
  .good(pair + "  max_version: TLS12\n"),
  .good(pair + "  min_version: TLS12\n  max_version: TLS13\n"),
  .good(pair + "  min_version: TLS10\n", "web.yml:4:16: TLS 1.0 is broken: use TLS12"),
  .good(pair + "  min_version: TLS11\n", "web.yml:4:16: TLS 1.1 is broken: use TLS12"),
  .good(pair + "  prefer_server_cipher_suites: false\n"),
  .good(pair + "  prefer_server_cipher_suites: yes\n"),
  .good(pair + "  cipher_suites: []\n"),
  .good(pair + "  cipher_suites:\n"),
  .good(
    pair + "  cipher_suites:\n    - TLS_AES_128_GCM_SHA256\n"
      + "    - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
      + "    - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n"),
  .good(
    pair + "  max_version: TLS12\n  cipher_suites:\n    - TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA\n"),
  .good(pair + "  curve_preferences: [X25519, CurveP256, CurveP384, CurveP521]\n"),
  .good(
    "tls_server_config:\n  cert_file: server-rsa.crt\n  key_file: server-rsa.key\n  cipher_suites:\n"
      + "    - TLS_RSA_WITH_AES_128_GCM_SHA256\n"),
  .good(
    "tls_server_config:\n  cert_file: expired.crt\n  key_file: expired.key\n",
    "web.yml:2:14: cert_file expired.crt expired at 2020-02-01T00:00:00.000Z"),
  .good(
    "tls_server_config:\n  cert_file: future.crt\n  key_file: future.key\n",
    "web.yml:2:14: cert_file future.crt is not valid before 2099-01-01T00:00:00.000Z"),
  .good("", "web.yml: it is empty: no TLS, and no password is needed"),
  .good("# nothing\n", "web.yml: it is empty: no TLS, and no password is needed"),
  .good("---\n", "web.yml:2:1: it is empty: no TLS, and no password is needed"),
  .good("{}\n"),
  .good("tls_server_config:\n"),
  .good("tls_server_config: {}\nhttp_server_config: ~\nrate_limit: null\n"),
  .good(
    "http_server_config:\n  http2: true\n",
    "web.yml:2:10: HTTP/2 is not offered here: clients use HTTP/1.1"),
  .good("http_server_config:\n  http2: false\n"),
  .good(
    "http_server_config:\n  headers:\n    Strict-Transport-Security: max-age=63072000\n"
      + "    X-Frame-Options: deny\n    X-Content-Type-Options: nosniff\n    X-XSS-Protection: \"0\"\n"
      + "    Content-Security-Policy: default-src 'self'\n"),
  .good(
    "http_server_config:\n  headers:\n    X-Frame-Options: sameorigin\n    X-XSS-Protection:\n"),
  .good(
    "basic_auth_users:\n  alice: \(hash)\n",
    "web.yml:2:3: without TLS, passwords can be read on the network"),
  .good(pair + "basic_auth_users:\n  alice: \(hash)\n  bob: \(hashA)\n  carol: '\(hashB)'\n"),
  .good(pair + "basic_auth_users: {\"\(#"Zo\u00eb"#)\": \(hash), 123: \(hash), yes: \(hash)}\n"),
  .good(
    pair + "basic_auth_users:\n",
    "web.yml:4:18: basic_auth_users is empty: no password is needed"),
  .good(
    pair + "basic_auth_users:\n  alice: \(cheapHash)\n",
    "web.yml:5:10: the password of user 'alice' has cost 4, which makes guessing cheap: use 10 or more"
  ),
  .good("rate_limit:\n  interval: 1s\n  burst: 5\n"),
  .good("rate_limit: {interval: 1m30s, burst: 1}\n"),
  .good("rate_limit: {interval: 1.5s, burst: 1}\n"),
  .good("rate_limit: {interval: 0, burst: 5}\n"),
  .good("rate_limit: {interval: 0}\n"),
  .good(
    "rate_limit: {burst: 5}\n", "web.yml:1:13: rate_limit has no interval, so it limits nothing"),
]

let badConfigs: [ConfigCase] = [
  // Not what YAML should be here.
  .bad(
    "tls_server_config",
    "web.yml:1:1: the configuration must be a mapping (key: value), not a single value"),
  .bad(
    "- tls_server_config\n",
    "web.yml:1:1: the configuration must be a mapping (key: value), not a list"),
  .bad("a: b: c\n", "web.yml:1:5: not YAML: mapping values are not allowed in this context"),
  .bad(
    "tls_server_config: {\n",
    "web.yml:2:1: not YAML: while parsing a flow node, did not find expected node content"),
  .bad(
    "tls_server_config:\n\tcert_file: a\n",
    "web.yml:2:1: not YAML: while scanning for the next token, found character that cannot start any token"
  ),
  .bad(
    "\"tls\n",
    "web.yml:2:1: not YAML: while scanning a quoted scalar, found unexpected end of stream"),
  .bad("rate_limit:\n  interval: \u{1}\n", "web.yml:2:13: control characters are not allowed"),
  .bad("a: &x b\n", "web.yml:1:4: anchors (&name) are not supported"),
  .bad("a: &a [x]\nb: [*a, *a]\n", "web.yml:1:4: anchors (&name) are not supported"),
  .bad("a: *x\n", "web.yml:1:4: aliases (*name) are not supported"),
  .bad("rate_limit: !!map {}\n", "web.yml:1:13: tags (!name) are not supported"),
  .bad("rate_limit: {}\n---\nrate_limit: {}\n", "web.yml:2:1: a second document begins here"),
  .bad(String(repeating: "[", count: 20), "web.yml:1:17: too many levels"),
  .bad(
    "? [a, b]\n: c\n", "web.yml:1:3: a key in the configuration must be a single value, not a list"),
  .bad("<<: {rate_limit: {}}\n", "web.yml:1:1: unknown key '<<' in the configuration"),
  // Keys.
  .bad("tls_config: {}\n", "web.yml:1:1: unknown key 'tls_config' in the configuration"),
  .bad(
    "tls_servers_config: {}\n",
    "web.yml:1:1: unknown key 'tls_servers_config' in the configuration; did you mean 'tls_server_config'?"
  ),
  .bad(
    "basic_auth_user:\n  alice: x\n",
    "web.yml:1:1: unknown key 'basic_auth_user' in the configuration; did you mean 'basic_auth_users'?"
  ),
  .bad(
    pair + "  certfile: x\n",
    "web.yml:4:3: unknown key 'certfile' in tls_server_config; did you mean 'cert_file'?"),
  .bad(
    "rate_limit:\n  burts: 1\n",
    "web.yml:2:3: unknown key 'burts' in rate_limit; did you mean 'burst'?"),
  .bad("rate_limit:\n  \"a\\nb\\x1b[1m\": 1\n", "web.yml:2:3: unknown key 'a?b?[1m' in rate_limit"),
  .bad(
    "rate_limit: {}\nrate_limit: {}\n",
    "web.yml:2:1: 'rate_limit' is given twice in the configuration, first in line 1"),
  .bad(
    pair + "  key_file: server.key\n",
    "web.yml:4:3: 'key_file' is given twice in tls_server_config, first in line 3"),
  .bad(
    "tls_server_config: [cert_file]\n",
    "web.yml:1:20: tls_server_config must be a mapping (key: value), not a list"),
  .bad(
    "rate_limit: 5\n", "web.yml:1:13: rate_limit must be a mapping (key: value), not a single value"
  ),
  // Certificates and keys.
  .bad(
    "tls_server_config:\n  cert_file: server.crt\n",
    "web.yml:2:3: tls_server_config needs key_file or key"),
  .bad(
    "tls_server_config:\n  key_file: server.key\n",
    "web.yml:2:3: tls_server_config needs cert_file or cert"),
  .bad(
    "tls_server_config:\n  min_version: TLS13\n",
    "web.yml:2:3: tls_server_config needs cert_file or cert"),
  .bad(
    "tls_server_config:\n  cert_file: \"\"\n  key_file: server.key\n",
    "web.yml:2:14: cert_file is empty"),
  .bad("tls_server_config:\n  cert_file: server.crt\n  key: \"\"\n", "web.yml:3:8: key is empty"),
  .bad(
    "tls_server_config:\n  cert_file: [server.crt]\n  key_file: server.key\n",
    "web.yml:2:14: cert_file must be a single value, not a list"),
  .bad(
    "tls_server_config:\n  cert_file: missing.crt\n  key_file: server.key\n",
    "web.yml:2:14: cert_file missing.crt cannot be read: No such file or directory"),
  .bad(
    "tls_server_config:\n  cert_file: server.crt\n  key_file: .\n",
    "web.yml:3:13: key_file . cannot be read: not a regular file"),
  .bad(
    "tls_server_config:\n  cert_file: server.crt\n  key_file: /dev/zero\n",
    "web.yml:3:13: key_file /dev/zero cannot be read: not a regular file"),
  .bad(
    "tls_server_config:\n  cert_file: \"a\\0b\"\n  key_file: server.key\n",
    "web.yml:2:14: cert_file a?b has a NUL"),
  .bad(
    "tls_server_config:\n  cert_file: server.key\n  key_file: server.key\n",
    "web.yml:2:14: cert_file server.key holds no certificate"),
  .bad(
    "tls_server_config:\n  cert_file: server.crt\n  key_file: server.crt\n",
    "web.yml:3:13: key_file server.crt holds no private key that can be read"),
  .bad(
    "tls_server_config:\n  cert_file: server.crt\n  key_file: elsewhere.key\n",
    "web.yml:3:13: key_file elsewhere.key holds the key of another certificate"),
  .bad("tls_server_config:\n  cert: x\n  key: y\n", "web.yml:2:9: cert holds no certificate"),
  .bad(pair + "  cert: x\n", "web.yml:2:14: cert and cert_file exclude each other"),
  .bad(pair + "  key: x\n", "web.yml:3:13: key and key_file exclude each other"),
  // Clients.
  .bad(
    pair + "  client_auth_type: RequireAndVerify\n",
    "web.yml:4:21: client_auth_type must be NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert, not 'RequireAndVerify'"
  ),
  .bad(
    pair + "  client_ca_file: ca.crt\n",
    "web.yml:4:19: client_ca_file ca.crt has no effect without a client_auth_type"),
  .bad(
    pair + "  client_auth_type: NoClientCert\n  client_ca: x\n",
    "web.yml:5:14: client_ca has no effect without a client_auth_type"),
  .bad(
    pair + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: ca.key\n",
    "web.yml:5:19: client_ca_file ca.key holds no certificate"),
  .bad(
    pair + "  client_auth_type: RequireAndVerifyClientCert\n  client_ca_file: none\n",
    "web.yml:5:19: client_ca_file none cannot be read: No such file or directory"),
  .bad(
    pair + "  client_allowed_sans: [a]\n",
    "web.yml:4:24: client_allowed_sans needs client_auth_type RequireAndVerifyClientCert (or RequireAnyClientCert)"
  ),
  .bad(
    pair + "  client_auth_type: RequestClientCert\n  client_allowed_sans: [a]\n",
    "web.yml:5:24: client_allowed_sans needs client_auth_type RequireAndVerifyClientCert (or RequireAnyClientCert)"
  ),
  .bad(
    pair + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: []\n",
    "web.yml:5:24: client_allowed_sans is empty: nobody could connect"),
  .bad(
    pair + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: a\n",
    "web.yml:5:24: client_allowed_sans must be a list (- value), not a single value"),
  .bad(
    pair + "  client_auth_type: RequireAnyClientCert\n  client_allowed_sans: [[a]]\n",
    "web.yml:5:25: a name in client_allowed_sans must be a single value, not a list"),
  // Versions, suites, curves.
  .bad(
    pair + "  min_version: TLS14\n",
    "web.yml:4:16: min_version must be TLS10, TLS11, TLS12 or TLS13, not 'TLS14'"),
  .bad(
    pair + "  min_version: 1.2\n",
    "web.yml:4:16: min_version must be TLS10, TLS11, TLS12 or TLS13, not '1.2'"),
  .bad(
    pair + "  min_version: TLS13\n  max_version: TLS12\n",
    "web.yml:4:16: min_version TLS13 is above max_version TLS12"),
  .bad(
    pair + "  max_version: TLS11\n", "web.yml:4:16: min_version TLS12 is above max_version TLS11"),
  .bad(
    pair + "  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n",
    "web.yml:4:19: unknown or insecure cipher suite 'TLS_RSA_WITH_RC4_128_SHA'"),
  .bad(
    pair + "  cipher_suites:\n    - TLS_AES_128_GCM_SHA256\n    - TLS_INVENTED\n",
    "web.yml:6:7: unknown or insecure cipher suite 'TLS_INVENTED'"),
  .bad(
    pair + "  cipher_suites: TLS_AES_128_GCM_SHA256\n",
    "web.yml:4:18: cipher_suites must be a list (- value), not a single value"),
  .bad(
    pair + "  max_version: TLS12\n  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n",
    "web.yml:5:18: cipher_suites: none of these suites can be used with an ECDSA certificate"),
  .bad(
    pair + "  curve_preferences: [CurveP257]\n",
    "web.yml:4:23: a curve must be CurveP256, CurveP384, CurveP521 or X25519, not 'CurveP257'"),
  .bad(
    pair + "  prefer_server_cipher_suites: maybe\n",
    "web.yml:4:32: prefer_server_cipher_suites must be true or false"),
  .bad(
    pair + "  prefer_server_cipher_suites: \"true\"\n",
    "web.yml:4:32: prefer_server_cipher_suites must be true or false"),
  // Headers.
  .bad("http_server_config:\n  http2: 1\n", "web.yml:2:10: http2 must be true or false"),
  .bad(
    "http_server_config:\n  headers:\n    Server: x\n",
    "web.yml:3:5: unknown key 'Server' in headers"),
  .bad(
    "http_server_config:\n  headers:\n    X-Frame-Options: DENY\n",
    "web.yml:3:22: X-Frame-Options must be deny or sameorigin, not 'DENY'"),
  .bad(
    "http_server_config:\n  headers:\n    X-Content-Type-Options: sniff\n",
    "web.yml:3:29: X-Content-Type-Options must be nosniff, not 'sniff'"),
  .bad(
    "http_server_config:\n  headers:\n    Content-Security-Policy: \"a\\r\\nSet-Cookie: b\"\n",
    "web.yml:3:30: Content-Security-Policy must be one line of ASCII"),
  .bad(
    "http_server_config:\n  headers: []\n",
    "web.yml:2:12: headers must be a mapping (key: value), not a list"),
  // Users.
  .bad(
    "basic_auth_users:\n  alice: hunter2\n",
    "web.yml:2:10: the password of user 'alice' is not a bcrypt hash: make one with htpasswd -nBC 10 '' | tr -d ':\\n'"
  ),
  .bad(
    "basic_auth_users:\n  alice:\n",
    "web.yml:2:9: the password of user 'alice' is not a bcrypt hash: make one with htpasswd -nBC 10 '' | tr -d ':\\n'"
  ),
  .bad(
    "basic_auth_users:\n  alice: [x]\n",
    "web.yml:2:10: the password of user 'alice' is not a bcrypt hash: make one with htpasswd -nBC 10 '' | tr -d ':\\n'"
  ),
  .bad(
    "basic_auth_users:\n  alice: $2y$32$\(hash.dropFirst(7))\n",
    "web.yml:2:10: the password of user 'alice' is not a bcrypt hash: make one with htpasswd -nBC 10 '' | tr -d ':\\n'"
  ),
  .bad(
    "basic_auth_users:\n  alice: \(hash.dropLast())\n",
    "web.yml:2:10: the password of user 'alice' is not a bcrypt hash: make one with htpasswd -nBC 10 '' | tr -d ':\\n'"
  ),
  .bad(
    "basic_auth_users:\n  alice: $6$rounds=1000$a$b\n",
    "web.yml:2:10: the password of user 'alice' is not a bcrypt hash: make one with htpasswd -nBC 10 '' | tr -d ':\\n'"
  ),
  .bad(
    "basic_auth_users:\n  alice: \(dearHash)\n",
    "web.yml:2:10: the password of user 'alice' has cost 19, which takes longer than a scrape may: 18 at most"
  ),
  .bad(
    "basic_auth_users:\n  \"a:b\": \(hash)\n",
    "web.yml:2:3: the name of user 'a:b' has a colon, which none can have"),
  .bad("basic_auth_users:\n  \"\": \(hash)\n", "web.yml:2:3: a user has no name"),
  .bad(
    "basic_auth_users:\n  a: \(hash)\n  a: \(hash)\n",
    "web.yml:3:3: 'a' is given twice in basic_auth_users, first in line 2"),
  .bad(
    "basic_auth_users: [alice]\n",
    "web.yml:1:19: basic_auth_users must be a mapping (key: value), not a list"),
  // Rates.
  .bad(
    "rate_limit: {interval: 1s}\n",
    "web.yml:1:13: rate_limit needs a burst: without one no request would be answered"),
  .bad(
    "rate_limit: {interval: 1, burst: 1}\n",
    "web.yml:1:24: interval must be a time such as 500ms, 1s or 1m30s, up to 24h, not '1'"),
  .bad(
    "rate_limit: {interval: -1s, burst: 1}\n",
    "web.yml:1:24: interval must be a time such as 500ms, 1s or 1m30s, up to 24h, not '-1s'"),
  .bad(
    "rate_limit: {interval: 1d, burst: 1}\n",
    "web.yml:1:24: interval must be a time such as 500ms, 1s or 1m30s, up to 24h, not '1d'"),
  .bad(
    "rate_limit: {interval: 1s, burst: 0}\n",
    "web.yml:1:35: burst must be a whole number from 1 to 1000000"),
  .bad(
    "rate_limit: {interval: 1s, burst: 1.5}\n",
    "web.yml:1:35: burst must be a whole number from 1 to 1000000"),
  .bad(
    "rate_limit: {interval: 1s, burst: \"1\"}\n",
    "web.yml:1:35: burst must be a whole number from 1 to 1000000"),
]
