internal import System
internal import Views
internal import WebServer

/// `/rates`: the overview, as text for a person or as JSON for a program.
struct RatesRoute: Sendable {
  let source: OverviewSource

  func plan(_ request: Request) -> Plan {
    var (history, format): (Duration?, String?)
    for (name, value) in request.query {
      switch name {
      case "format": format = value
      case "history":
        guard let span = Duration(spelled: value), span > .zero else {
          return .line("400: history is a time such as 60s, not '\(value)'", status: 400)
        }
        history = span
      default: break
      }
    }
    switch format {
    case nil, "json", "text": break
    case let other?: return .line("400: format is text or json, not '\(other)'", status: 400)
    }
    let isImplied = history != nil || request.accept.names("application/json")
    let wantsJSON = format.map { $0 == "json" } ?? isImplied
    return .work(wantsJSON ? json(history: history) : text)
  }

  /// The text overview.
  var text: Work {
    work("text", "text/plain; charset=utf-8") { OverviewText($0).text }
  }

  private func json(history: Duration?) -> Work {
    work("json \(history ?? .zero)", "application/json") {
      OverviewJSON($0, history: history).text
    }
  }

  private func work(
    _ key: String, _ contentType: String, _ render: @escaping @Sendable (Overview) -> String
  ) -> Work {
    let source = source
    return Work(key: key) { deadline, body in
      do {
        body.removeAll(keepingCapacity: true)
        body.append(contentsOf: render(try source.read(until: deadline)).utf8)
        return Head(
          contentType: contentType,
          headers: [("Vary", "Accept, Accept-Encoding"), ("Cache-Control", "no-store")])
      } catch {
        return .line("500: \(error)", status: 500, into: &body)
      }
    }
  }
}
