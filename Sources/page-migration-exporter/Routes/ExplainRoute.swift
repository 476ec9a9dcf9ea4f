internal import Explain
internal import System
internal import WebServer

/// `/explain`: what is going on in plain words, as text for a person or as JSON for a program.
struct ExplainRoute: Sendable {
  let recorder: HistoryRecorder

  /// What can be asked for.
  static let windows = History.step...History.span

  func plan(_ request: Request) -> Plan {
    var window = History.span
    var wantsJSON = request.accept.names("application/json")
    for (name, value) in request.query {
      switch (name, value) {
      case ("format", "json"): wantsJSON = true
      case ("format", "text"): wantsJSON = false
      case ("format", _):
        return .line("400: format is text or json, not '\(value)'", status: 400)
      case ("window", _):
        guard let span = Duration(spelled: value), Self.windows.contains(span) else {
          return .line("400: window is a time from 10s to 10m, not '\(value)'", status: 400)
        }
        window = span
      default: break
      }
    }
    let (recorder, isJSON, span) = (recorder, wantsJSON, window)
    return .work(
      Work(key: "\(isJSON) \(span)") { _, body in
        let report = recorder.report(over: span)
        body.removeAll(keepingCapacity: true)
        body.append(contentsOf: (isJSON ? report.json : report.text).utf8)
        return Head(
          contentType: isJSON ? "application/json" : "text/plain; charset=utf-8",
          headers: [("Vary", "Accept, Accept-Encoding"), ("Cache-Control", "no-store")])
      })
  }
}
