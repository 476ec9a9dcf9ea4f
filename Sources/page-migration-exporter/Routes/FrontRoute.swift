internal import WebServer

/// `/`: what there is, for a person.
enum FrontRoute {
  static func answer(_ request: Request) -> Response {
    .text("\(Version.line)\n/metrics  /-/healthy  /-/ready")
  }
}
