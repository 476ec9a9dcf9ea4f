internal import WebServer

/// The page that a browser shows: one answer that needs nothing else from anywhere.
///
/// Its parts are files of their own beside this one, which the build embeds in the program. They
/// are joined once; only the nonce is new in each answer.
struct LivePage: Sendable {
  /// What stands between the places of the nonce.
  private let pieces: [[UInt8]]

  /// - Parameters:
  ///   - telemetryPath: where the metrics are, as the user gave it.
  ///   - version: of the program.
  init(telemetryPath: String, version: String) {
    let scripts = Self.scripts.joined(separator: [UInt8(ascii: "\n")])
    let places: [String: [UInt8]] = [
      "metrics": Array(Self.relativeReference(to: telemetryPath).utf8),
      "version": Array(version.utf8), "style": PackageResources.live_css, "script": Array(scripts),
    ]
    // Byte by byte: to look for texts in a text of 100 kB takes as long as all the rest of the start.
    var pieces: [[UInt8]] = [[]]
    var rest = PackageResources.live_html[...]
    while let begin = rest.firstIndex(of: UInt8(ascii: "{")) {
      pieces[pieces.count - 1] += rest[..<begin]
      rest = rest[begin...]
      guard rest.starts(with: "{{".utf8), let end = rest.firstIndex(of: UInt8(ascii: "}")) else {
        pieces[pieces.count - 1].append(rest.removeFirst())
        continue
      }
      let name = String(decoding: rest[(begin + 2)..<end], as: UTF8.self)
      if let text = places[name] {
        pieces[pieces.count - 1] += text
      } else {
        precondition(name == "nonce", "the page has no \(name)")
        pieces.append([])
      }
      rest = rest[(end + 2)...]
    }
    pieces[pieces.count - 1] += rest
    self.pieces = pieces
  }

  /// In the order in which each may use those before it.
  private static let scripts = [
    PackageResources.text_js, PackageResources.history_js, PackageResources.chart_js,
    PackageResources.strips_js, PackageResources.flow_js, PackageResources.rates_js,
    PackageResources.trends_js, PackageResources.explained_js, PackageResources.copied_js,
    PackageResources.poller_js, PackageResources.live_js,
  ]

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
