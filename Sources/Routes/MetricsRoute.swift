internal import Collectors
internal import Exposition
internal import WebServer

/// `/metrics`: gathers for each request and answers in the format that the client likes best.
struct MetricsRoute: Sendable {
  let gatherer: Gatherer

  private static let offers = ExpositionFormat.allCases.map {
    // Whoever takes anything is a person or a program that reads text.
    MediaType(
      $0.mediaType, $0.parameters, isDefault: $0.isDefaultVersion, matchesStars: $0 != .protobuf)
  }

  /// A client that likes none of ours gets the plain text all the same: a scrape with metrics is
  /// better than a 406.
  ///
  /// - Returns: the format and its content type, with the escaping of names that was asked for with it.
  static func format(_ accept: Accept) -> (ExpositionFormat, contentType: String) {
    let choice = accept.best(of: offers)
    let format = choice.map { ExpositionFormat.allCases[$0.offer] } ?? .plainText
    return (format, format.contentType(escaping: choice?.parameter("escaping")))
  }

  func plan(_ request: Request) -> Plan {
    let selection: CollectorSelection
    do throws(CollectorSelection.BadQuery) {
      selection = try CollectorSelection(request.query, among: gatherer.collectorNames)
    } catch {
      return .line("400: \(error.reason)", status: 400)
    }
    let (format, contentType) = Self.format(request.accept)
    let head = Head(
      contentType: contentType, headers: [("Vary", "Accept, Accept-Encoding")])
    let gatherer = gatherer
    return .work(
      Work(key: "\(head.contentType) \(selection.key)") { deadline, body in
        gatherer.gather(format, into: &body, deadline: deadline) { selection.includes($0) }
        return head
      })
  }
}
