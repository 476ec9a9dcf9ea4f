internal import WebServer

/// `/`: the live page for a browser, the text overview for curl.
struct FrontRoute: Sendable {
  let rates: RatesRoute
  let page: LivePage

  func answer(_ request: Request) -> Response {
    Self.wantsPage(accept: request.header("Accept")) ? livePage() : rates.text()
  }

  /// Every browser names `text/html`; curl and wget take anything and name nothing.
  static func wantsPage(accept: String?) -> Bool {
    (accept ?? "").split(separator: ",").contains { range in
      let type = range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
      return type.lowercased() == "text/html"
    }
  }

  func livePage() -> Response {
    let nonce = Nonce()
    var response = Response(
      contentType: "text/html; charset=utf-8",
      headers: [
        ("Content-Security-Policy", Self.policy(nonce)),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept, Accept-Encoding"),
      ],
      body: ResponseBody(page.render(nonce)))
    response.isCompressible = true
    return response
  }

  /// Nothing but the page's own style and script, and requests to where it came from. Host names
  /// and the like come from outside: with trusted types, no text can become markup.
  private static func policy(_ nonce: Nonce) -> String {
    [
      "default-src 'none'", "script-src 'nonce-\(nonce.text)'", "style-src 'nonce-\(nonce.text)'",
      "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'",
      "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
  }
}
