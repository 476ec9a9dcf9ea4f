/// A path and what answers GET and HEAD of it.
package struct Route: Sendable {
  package typealias Handler = @Sendable (Request) -> Response

  let path: String
  let answersWhenBusy: Bool
  let handler: Handler

  /// - Parameters:
  ///   - path: the whole path, compared byte for byte.
  ///   - answersWhenBusy: true for what must be answered even above the limit of requests.
  package init(_ path: String, answersWhenBusy: Bool = false, _ handler: @escaping Handler) {
    self.path = path
    self.answersWhenBusy = answersWhenBusy
    self.handler = handler
  }
}
