import System
import Testing
import WebServer

@testable import Routes

@Suite struct `The live page` {
  private let page = LivePage(telemetryPath: "/metrics", version: "1.2.3")

  @Test func `runs its own script and style and nothing else`() throws {
    let response = page.answer()
    let policy = try #require(response.head.header("Content-Security-Policy"))
    let nonce = try #require(policy.firstMatch(of: /script-src 'nonce-([0-9a-f]{32})'/)?.1)
    #expect(policy.contains("style-src 'nonce-\(nonce)'"))
    for rule in [
      "default-src 'none'", "connect-src 'self'", "img-src data:", "base-uri 'none'",
      "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'",
    ] {
      #expect(policy.contains(rule))
    }
    #expect(!policy.contains("unsafe"))
    let text = response.text
    #expect(text.matches(of: /<(script|style)/).count == 3)
    let nonces = text.matches(of: /<(script|style) nonce="([0-9a-f]{32})">/).map(\.2)
    #expect(nonces == [nonce, nonce, nonce])
  }

  @Test func `has another nonce in each answer`() {
    let policies = (0..<50).map { _ in page.answer().head.header("Content-Security-Policy") }
    #expect(Set(policies).count == 50)
  }

  @Test func `is not told to others`() {
    let response = page.answer()
    #expect(response.head.contentType == "text/html; charset=utf-8")
    #expect(response.head.header("Referrer-Policy") == "no-referrer")
    #expect(response.head.header("Vary") == "Accept, Accept-Encoding")
    #expect(response.head.isCompressible)
  }

  @Test func `needs nothing from elsewhere`() {
    let text = page.answer().text
    let attributes = text.matches(of: /(href|src|action)="([^"]*)"/).map { String($0.2) }
    #expect(!attributes.isEmpty)
    #expect(
      attributes.allSatisfy { $0.hasPrefix("./") || $0.hasPrefix("#") || $0.hasPrefix("data:") })
    #expect(!text.contains("@import"))
    #expect(!text.contains("innerHTML"))
    #expect(!text.contains(" style=\""))
    #expect(!text.contains("{{"))
    #expect(text.contains("page-migration-exporter <span id=\"version\">1.2.3<"))
  }

  @Test(arguments: [
    ("/metrics", "./metrics"),
    ("/a/b", "./a/b"),
    ("//other.host/m", ".//other.host/m"),
    ("/\"><script>", "./%22%3E%3Cscript%3E"),
    ("/100%#&'", "./100%25%23%26%27"),
    ("/ü {{nonce}}", "./%C3%BC%20%7B%7Bnonce%7D%7D"),
  ])
  func `refers to the metrics wherever they are`(path: String, reference: String) {
    #expect(LivePage.relativeReference(to: path) == reference)
    let text = LivePage(telemetryPath: path, version: "1.2.3").answer().text
    #expect(text.contains("<a href=\"\(reference)\" id=\"metrics-link\">"))
  }

  @Test(
    arguments: [
      (nil, false), ("*/*", false), ("text/plain", false), ("application/xhtml+xml", false),
      ("text/html", true), ("TEXT/HTML;q=0.9", true), ("text/html-sandboxed", false),
      ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
      ("image/avif , text/html", true),
    ] as [(String?, Bool)])
  func `is for browsers`(accept: String?, isBrowser: Bool) {
    #expect(Accept(accept).prefers("text/html", to: "text/plain") == isBrowser)
  }
}

extension LivePage {
  fileprivate func answer() -> (head: Head, text: String) {
    var body: [UInt8] = []
    let head = work.write(.now, &body)
    return (head, String(decoding: body, as: UTF8.self))
  }
}

extension Head {
  fileprivate func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value
  }
}
