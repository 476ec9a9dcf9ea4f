internal import WebServer

/// `/`: the live page for a browser, the text overview for curl.
struct FrontRoute: Sendable {
  let rates: RatesRoute

  func answer(_ request: Request) -> Response {
    rates.text()
  }
}
