import Testing
import WebServer

@Suite struct `A Host header` {
  private static let hosts = TrustedHosts(own: "db1", named: ["Metrics.example.org"])

  @Test(arguments: [
    nil, "", "127.0.0.1", "127.0.0.1:10057", "10.0.0.7:80", "[::1]:10057", "[fe80::1]", "localhost",
    "localhost:10057", "page.localhost", "db1", "DB1:10057", "db1.example.com",
    "db1.example.com.:80",
    "other-single-label", "db2.prod.internal", "exporter.monitoring.svc.cluster.local:10057",
    "metrics.example.org", "METRICS.EXAMPLE.ORG:443",
  ])
  func `is this host's`(header: String?) { #expect(Self.hosts.trusts(header)) }

  @Test(arguments: [
    "evil.example", "evil.example:10057", "rebind.127.0.0.1.example.net", "127.0.0.1.example.net",
    "db1x.example.com", "x.db1.example.com", "xmetrics.example.org", "sub.metrics.example.org",
    "local.example", "a.b",
  ])
  func `is another's`(header: String) { #expect(!Self.hosts.trusts(header)) }

  @Test func `of a host that knows its whole name is that`() {
    let hosts = TrustedHosts(own: "db1.example.com")
    #expect(hosts.trusts("db1.example.com:10057") && hosts.trusts("db1"))
    #expect(!hosts.trusts("db1.evil.example") && !hosts.trusts("db2.example.com"))
    #expect(!TrustedHosts(own: nil).trusts("db1.example.com"))
  }
}
