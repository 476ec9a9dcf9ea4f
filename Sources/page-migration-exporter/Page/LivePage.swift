internal import WebServer

/// The page that a browser shows: one answer that needs nothing else from anywhere.
///
/// Its parts are files of their own beside this one, which the build embeds in the program. They
/// are joined once; only the nonce is new in each answer.
struct LivePage: Sendable {
  /// What stands between the places of the nonce.
  private let pieces: [[UInt8]]

  /// - Parameter telemetryPath: where the metrics are, as the user gave it.
  init(telemetryPath: String) {
    // The path has no braces, being encoded; all else is our own.
    let page = Self.text(PackageResources.live_html)
      .replacing("{{metrics}}", with: Self.relativeReference(to: telemetryPath))
      .replacing("{{version}}", with: Version.number)
      .replacing("{{style}}", with: Self.text(PackageResources.live_css))
      .replacing("{{script}}", with: Self.scripts.map(Self.text).joined(separator: "\n"))
    pieces = page.split(separator: "{{nonce}}", omittingEmptySubsequences: false)
      .map { Array($0.utf8) }
  }

  /// In the order in which each may use those before it.
  private static let scripts = [
    PackageResources.text_js, PackageResources.exposition_js, PackageResources.history_js,
    PackageResources.chart_js, PackageResources.rates_js, PackageResources.metrics_js,
    PackageResources.reasons_js, PackageResources.explained_js, PackageResources.poller_js,
    PackageResources.live_js,
  ]

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
  /// Each answer has a nonce of its own, or shares it with those who asked at the same time.
  var work: Work {
    let pieces = pieces
    return Work(key: "page") { _, body in
      let nonce = Nonce()
      body.removeAll(keepingCapacity: true)
      body.append(contentsOf: pieces.joined(separator: nonce.text.utf8))
      return Head(
        contentType: "text/html; charset=utf-8",
        headers: [
          ("Content-Security-Policy", Self.policy(nonce)),
          ("Referrer-Policy", "no-referrer"),
          ("Cache-Control", "no-store"),
          ("Vary", "Accept, Accept-Encoding"),
        ])
    }
  }

  /// Nothing but the page's own style and script, and requests to where it came from. Host names
  /// and the like come from outside: with trusted types, no text can become markup.
  private static func policy(_ nonce: Nonce) -> String {
    [
      "default-src 'none'", "script-src 'nonce-\(nonce.text)'", "style-src 'nonce-\(nonce.text)'",
      "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'",
      "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")
  }

  /// A reference to `path` that holds behind a proxy which puts a folder before all paths, too.
  ///
  /// The path comes from a flag and goes into an attribute and a URL: whatever could mean
  /// something in either is encoded. The dot in front keeps `//other.host` a path.
  static func relativeReference(to path: String) -> String {
    let digits = Array("0123456789ABCDEF")
    return path.utf8.reduce(into: ".") { reference, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
        reference.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        reference += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
      }
    }
  }
}
