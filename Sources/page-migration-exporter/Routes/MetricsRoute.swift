internal import Collectors
internal import Exposition
internal import WebServer

/// `/metrics`: gathers for each request and answers in the format that the client likes best.
struct MetricsRoute: Sendable {
  let gatherer: Gatherer

  private static let offers = ExpositionFormat.allCases.map {
    MediaType($0.mediaType, version: $0.version, isDefault: $0.isDefaultVersion)
  }

  /// A client that likes none of ours gets the plain text all the same: a scrape with metrics is
  /// better than a 406.
  static func format(_ accept: Accept) -> ExpositionFormat {
    accept.best(of: offers).map { ExpositionFormat.allCases[$0] } ?? .plainText
  }

  func plan(_ request: Request) -> Plan {
    let selection: CollectorSelection
    do throws(CollectorSelection.BadQuery) {
      selection = try CollectorSelection(request.query, among: gatherer.collectorNames)
    } catch {
      return .line("400: \(error.reason)", status: 400)
    }
    let format = Self.format(request.accept)
    let head = Head(
      contentType: format.contentType(escaping: request.accept.parameter("escaping")),
      headers: [("Vary", "Accept, Accept-Encoding")])
    let gatherer = gatherer
    return .work(
      Work(key: "\(head.contentType) \(selection.key)") { deadline, body in
        gatherer.gather(format, into: &body, deadline: deadline) { selection.includes($0) }
        return head
      })
  }
}
