import TestSupport
import Testing

/// A server that hands requests on to an exporter, over connections that it keeps.
enum Proxy: String, CaseIterable {
  case nginx, haproxy

  fileprivate func command(_ tree: TemporaryTree, port: Int, exporter: String) throws -> [String] {
    switch self {
    case .nginx:
      try tree.write(
        "nginx.conf",
        """
        user root;
        daemon off;
        master_process off;
        pid \(tree.path)/pid;
        error_log stderr crit;
        events {}
        http {
          access_log off;
          client_body_temp_path \(tree.path)/body;
          proxy_temp_path \(tree.path)/proxy;
          fastcgi_temp_path \(tree.path)/fastcgi;
          uwsgi_temp_path \(tree.path)/uwsgi;
          scgi_temp_path \(tree.path)/scgi;
          upstream exporter { server \(exporter); keepalive 4; }
          server {
            listen 127.0.0.1:\(port);
            location / {
              proxy_pass http://exporter;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $http_host;
              proxy_request_buffering off;
              # A client that has sent all still gets its answers.
              proxy_ignore_client_abort on;
            }
          }
        }

        """)
      return ["/usr/sbin/nginx", "-c", "\(tree.path)/nginx.conf", "-e", "stderr"]
    case .haproxy:
      try tree.write(
        "haproxy.cfg",
        """
        defaults
          mode http
          timeout client 5s
          timeout server 5s
          timeout connect 5s
          option http-keep-alive
          http-reuse always
        listen exporter
          bind 127.0.0.1:\(port)
          server exporter \(exporter)

        """)
      return ["/usr/sbin/haproxy", "-db", "-f", "\(tree.path)/haproxy.cfg"]
    }
  }
}

@Suite struct `Behind a proxy` {
  private static let hidden = "GET /hidden HTTP/1.1\r\nHost: test\r\n\r\n"
  private static let first = "GET /-/healthy HTTP/1.1\r\nHost: test\r\n"

  /// Heads that two servers might read differently, so that what follows them is a body to one and a
  /// request to the other.
  private static let heads: [String] =
    [
      "Content-Length: \(hidden.utf8.count)",
      "Content-Length: 0\r\nContent-Length: \(hidden.utf8.count)",
      "Content-Length: \(hidden.utf8.count)\r\nContent-Length: 0",
      "Content-Length: +\(hidden.utf8.count)", "Content-Length: 0\(hidden.utf8.count)",
      "Content-Length: \(hidden.utf8.count), \(hidden.utf8.count)", "Content-Length : 0",
      "Content-Length: \(hidden.utf8.count)\r\nTransfer-Encoding: chunked",
      "Transfer-Encoding: chunked\r\nContent-Length: 0", "Transfer-Encoding: xchunked",
      "Transfer-Encoding : chunked", "Transfer-Encoding:\tchunked",
      "Transfer-Encoding: \u{b}chunked",
      "Transfer-Encoding: chunked, identity", "Transfer-Encoding: identity, chunked",
      "Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "Transfer-Encoding:\r\n chunked",
      "A: b\nContent-Length: \(hidden.utf8.count)", "A: b\n", "A: b\r", ": b", ":", "A\0: b",
      "A: \0b",
      "A: b\r\n c: d", " A: b", "Host: other", "Host : other", "Expect: 100-continue", "Expect: x",
      "Connection: Content-Length\r\nContent-Length: \(hidden.utf8.count)",
      "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked",
    ].map { "\(first)\($0)\r\n\r\n" }
    + [
      "\(first)\n", "\(first)A: b\n\n", "\(first)A: b\r\n:\n", "\(first): b\r\n\n",
      "HEAD /-/healthy HTTP/1.1\r\nHost: test\r\nContent-Length: \(hidden.utf8.count)\r\n\r\n",
      "GET /-/healthy HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
      "GET http://other/-/healthy HTTP/1.1\r\nHost: test\r\n\r\n",
      "GET /-/healthy\t HTTP/1.1\r\nHost: test\r\n\r\n",
      "GET /-/healthy HTTP/1.2\r\nHost: test\r\n\r\n",
    ]

  @Test(
    .needs(.tool("nginx")), .needs(.tool("haproxy")), .timeLimit(.minutes(3)),
    arguments: Proxy.allCases)
  func `no request is hidden in another`(kind: Proxy) throws {
    let exporter = try ServingExporter()
    let tree = try TemporaryTree()
    let port = try freePort()
    let proxy = try ChildProcess(try kind.command(tree, port: port, exporter: exporter.address))
    let address = "127.0.0.1:\(port)"
    try waitUntil("it listens", limitSeconds: 10) {
      guard proxy.status() == nil else { throw Failure(try proxy.errors()) }
      return (try? HTTPConnection(address).get("/-/healthy").status) == 200
    }
    let own = try HTTPConnection(exporter.address)
    var (shown, requests) = (0, 0)
    for head in Self.heads {
      for body in [Self.hidden, "0\r\n\r\n\(Self.hidden)", "4\r\nabcd\r\n0\r\n\r\n\(Self.hidden)"] {
        let client = try HTTPConnection(address)
        try client.send(head + body)
        try client.finishSending()
        let answers = String(decoding: try client.rest(), as: UTF8.self)
        shown += answers.matches(of: /HTTP\/1.1 404/).count
        // Whoever comes next, over the same connection to the exporter, gets an answer of its own.
        for _ in 1...2 {
          let next = try HTTPConnection(address).get("/-/healthy")
          #expect(next.status == 200 && next.text == "healthy\n", "\(kind) after \(head)")
        }
        requests += 3
        // The exporter has answered no more than the proxy has asked for and handed on.
        #expect(try hiddenAnswers(own) == shown, "\(kind), \(head.debugDescription)")
      }
    }
    // The proxy has kept connections, or nothing was tried.
    let text = try own.get("/metrics").text
    let accepted = text.firstMatch(of: /\npagemigration_http_connections_accepted_total (\d+)/)
    #expect(Int(accepted?.1 ?? "") ?? .max < requests / 2)
  }

  private func hiddenAnswers(_ connection: HTTPConnection) throws -> Int {
    let text = try connection.get("/metrics").text
    return Int(
      text.firstMatch(of: /\npagemigration_http_requests_total\{code="404"\} (\d+)/)?.1 ?? "0") ?? 0
  }
}
