internal import Collectors
internal import Exposition
internal import WebServer

/// `/metrics`: gathers for each request and answers in the format that the client likes best.
struct MetricsRoute: Sendable {
  let gatherer: Gatherer

  func plan(_ request: Request) -> Plan {
    let selection: CollectorSelection
    do throws(CollectorSelection.BadQuery) {
      selection = try CollectorSelection(request.query, among: gatherer.collectorNames)
    } catch {
      return .line("400: \(error.reason)", status: 400)
    }
    let format = ContentNegotiation.format(accept: request.accept)
    let head = Head(
      contentType: ContentNegotiation.contentType(of: format, accept: request.accept),
      headers: [("Vary", "Accept, Accept-Encoding")])
    let gatherer = gatherer
    return .work(
      Work(key: "\(head.contentType) \(selection.key)") { deadline, body in
        gatherer.gather(format, into: &body, deadline: deadline) { selection.includes($0) }
        return head
      })
  }
}
