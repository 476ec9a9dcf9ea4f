internal import WebServer

/// `/`: the live page for a browser, the text overview for curl.
struct FrontRoute: Sendable {
  let rates: RatesRoute
  let page: LivePage

  /// Every browser names `text/html`; curl and wget take anything and name nothing.
  func plan(_ request: Request) -> Plan {
    request.accept.prefers("text/html", to: "text/plain") ? .work(page.work) : .work(rates.text)
  }
}
