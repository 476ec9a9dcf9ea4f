internal import Collectors
internal import Exposition
internal import Synchronization
internal import WebServer

/// `/metrics`: gathers for each request and answers in the format that the client likes best.
final class MetricsRoute: Sendable {
  private let gatherer: Gatherer
  private let pool: BodyPool
  private let lastChoice = Mutex(FormatChoice(accept: nil))

  init(_ gatherer: Gatherer, _ pool: BodyPool) {
    self.gatherer = gatherer
    self.pool = pool
  }

  func answer(_ request: Request) -> Response {
    let selection: CollectorSelection
    do throws(CollectorSelection.BadQuery) {
      selection =
        request.hasQuery
        ? try CollectorSelection(request.query, among: gatherer.collectorNames) : .all
    } catch {
      return .text("400: \(error.reason)", status: 400)
    }
    let choice = formatChoice(request.header("Accept"))
    let body = pool.take()
    body.fill { bytes in
      gatherer.gather(choice.format, reusing: bytes) { selection.includes($0) }
    }
    var response = Response(contentType: choice.contentType, headers: Self.headers, body: body)
    response.isCompressible = true
    return response
  }

  private static let headers = [(name: "Vary", value: "Accept, Accept-Encoding")]

  /// A Prometheus server sends the same header each time, so the last choice is kept.
  private func formatChoice(_ accept: String?) -> FormatChoice {
    lastChoice.withLock { choice in
      if choice.accept != accept { choice = FormatChoice(accept: accept) }
      return choice
    }
  }
}

private struct FormatChoice {
  let accept: String?
  let format: ExpositionFormat
  let contentType: String

  init(accept: String?) {
    self.accept = accept
    format = ContentNegotiation.format(accept: accept)
    contentType = ContentNegotiation.contentType(of: format, accept: accept)
  }
}
