internal import WebServer

/// `/`: the live page for a browser, the text overview for curl.
struct FrontRoute: Sendable {
  let rates: RatesRoute
  let page: LivePage

  func plan(_ request: Request) -> Plan {
    Self.wantsPage(accept: request.accept) ? .work(page.work) : .work(rates.text)
  }

  /// Every browser names `text/html`; curl and wget take anything and name nothing.
  static func wantsPage(accept: String?) -> Bool {
    (accept ?? "").split(separator: ",").contains { range in
      let type = range.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }
      return type.lowercased() == "text/html"
    }
  }
}
