internal import WebServer

/// `/rates`: the overview, as text for a person or as JSON for a program.
struct RatesRoute: Sendable {
  let source: OverviewSource

  func answer(_ request: Request) -> Response {
    var (history, format): (UInt64?, String?)
    for (name, value) in request.query {
      switch name {
      case "format": format = value
      case "history":
        guard let span = TimeInterval(argument: value), span.nanoseconds > 0 else {
          return .text("400: history is a time such as 60s, not '\(value)'", status: 400)
        }
        history = span.nanoseconds
      default: break
      }
    }
    switch format {
    case nil: break
    case "json", "text": break
    case let other?:
      return .text("400: format is text or json, not '\(other)'", status: 400)
    }
    let wantsJSON =
      format.map { $0 == "json" }
      ?? (request.header("Accept")?.contains("application/json") ?? false)
    return wantsJSON || history != nil ? json(history: history) : text()
  }

  /// The text overview.
  func text() -> Response {
    respond("text/plain; charset=utf-8") { OverviewText(overview: $0).text }
  }

  private func json(history: UInt64?) -> Response {
    respond("application/json") { OverviewJSON(overview: $0, history: history).text }
  }

  private func respond(_ contentType: String, _ render: (Overview) -> String) -> Response {
    do {
      var response = Response(
        contentType: contentType,
        headers: [("Vary", "Accept, Accept-Encoding"), ("Cache-Control", "no-store")],
        body: ResponseBody(Array(render(try source.read()).utf8)))
      response.isCompressible = true
      return response
    } catch {
      return .text("500: \(error)", status: 500)
    }
  }
}
