internal import Explain
internal import System
internal import Views
internal import WebServer

/// `/rates`: the overview, as text for a person or as JSON for a program.
struct RatesRoute: Sendable {
  let source: OverviewSource
  let recorder: HistoryRecorder

  func plan(_ request: Request) -> Plan {
    var (spans, format): ([String: Duration], String?) = ([:], nil)
    for (name, value) in request.query {
      switch name {
      case "format": format = value
      case "history", "trends":
        guard let span = Duration(spelled: value), span > .zero else {
          return .line("400: \(name) is a time such as 60s, not '\(value)'", status: 400)
        }
        spans[name] = span
      default: break
      }
    }
    let impliesJSON = !spans.isEmpty || request.prefersJSON
    switch ViewFormat(named: format, impliesJSON: impliesJSON) {
    case .json: return .work(json(history: spans["history"], trends: spans["trends"]))
    case .text: return .work(text)
    case nil: return ViewFormat.refusal(of: format)
    }
  }

  /// The text overview.
  var text: Work {
    work("text", .text) { OverviewText($0).text }
  }

  private func json(history: Duration?, trends: Duration?) -> Work {
    let recorder = recorder
    return work("json \(history ?? .zero) \(trends ?? .zero)", .json) {
      OverviewJSON($0, history: history, trends: trends.map(recorder.trends) ?? []).text
    }
  }

  private func work(
    _ key: String, _ format: ViewFormat, _ render: @escaping @Sendable (Overview) -> String
  ) -> Work {
    let source = source
    return Work(key: key) { deadline, body in
      do {
        body.removeAll(keepingCapacity: true)
        body.append(contentsOf: render(try source.read(until: deadline)).utf8)
        return format.head
      } catch {
        return .line("500: \(error)", status: 500, into: &body)
      }
    }
  }
}
