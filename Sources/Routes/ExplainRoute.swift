internal import Explain
internal import System
internal import WebServer

/// `/explain`: what is going on in plain words, as text for a person or as JSON for a program.
struct ExplainRoute: Sendable {
  let recorder: HistoryRecorder

  func plan(_ request: Request) -> Plan {
    var window = History.span
    var named: String?
    for (name, value) in request.query {
      switch name {
      case "format": named = value
      case "window":
        guard let span = Duration(spelled: value), History.windows.contains(span) else {
          return .line("400: window is a time from 10s to 10m, not '\(value)'", status: 400)
        }
        window = span
      default: break
      }
    }
    let impliesJSON = request.prefersJSON
    guard let format = ViewFormat(named: named, impliesJSON: impliesJSON) else {
      return ViewFormat.refusal(of: named)
    }
    let (recorder, span) = (recorder, window)
    return .work(
      Work(key: "\(format) \(span)") { _, body in
        let report = recorder.report(over: span)
        body.removeAll(keepingCapacity: true)
        body.append(contentsOf: (format == .json ? report.json : report.text).utf8)
        return format.head
      })
  }
}
