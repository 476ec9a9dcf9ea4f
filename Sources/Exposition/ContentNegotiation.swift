/// Chooses the format of a scrape from the request's Accept header (RFC 9110, section 12.5.1).
package enum ContentNegotiation {
  /// The format that the client likes best of those we have.
  ///
  /// Quality decides, then the order of the header, then our own order. A version that we do not
  /// have matches nothing; OpenMetrics without a version is 0.0.1. A client that likes none of
  /// ours gets text 0.0.4 all the same, since a scrape with a metric is better than a 406.
  package static func format(accept: String?) -> ExpositionFormat {
    guard let accept else { return .plainText }
    let ranges = accept.split(separator: ",").enumerated().compactMap {
      MediaRange($0.element, place: $0.offset)
    }
    var best: (format: ExpositionFormat, range: MediaRange)?
    for format in ExpositionFormat.allCases {
      // Of the ranges that match, the most specific one speaks for the format.
      let match =
        ranges
        .compactMap { range in range.specificity(for: format).map { (range, $0) } }
        .max { $0.1 < $1.1 || ($0.1 == $1.1 && $0.0.place > $1.0.place) }
      guard let range = match?.0, range.quality > 0 else { continue }
      if let (_, other) = best,
        (other.quality, -other.place) >= (range.quality, -range.place)
      {
        continue
      }
      best = (format, range)
    }
    return best?.format ?? .plainText
  }

  /// The content type of `format`, with the `escaping` that a client of Prometheus asked for: our
  /// names are valid under each of them.
  package static func contentType(of format: ExpositionFormat, accept: String?) -> String {
    guard let accept, let asked = accept.range(ofParameter: "escaping") else {
      return format.contentType
    }
    return "\(format.contentType); escaping=\(asked)"
  }
}

/// One element of an Accept header: `text/plain;version=0.0.4;q=0.5`.
private struct MediaRange {
  let type: String
  let version: String?
  /// In thousandths.
  let quality: Int
  /// Counted from 0.
  let place: Int

  /// Nil where the element is empty.
  init?(_ text: Substring, place: Int) {
    var parts = text.split(separator: ";").map { $0.trimmed }
    guard let first = parts.first, !first.isEmpty else { return nil }
    parts.removeFirst()
    var version: String?
    var quality = 1000
    for part in parts {
      let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmed }
      guard pair.count == 2 else { continue }
      switch pair[0].lowercased() {
      case "version": version = String(pair[1].filter { $0 != "\"" })
      case "q": quality = thousandths(pair[1]) ?? 0
      default: break
      }
    }
    self.type = first.lowercased()
    self.version = version
    self.quality = quality
    self.place = place
  }

  /// How exactly this range names `format`; nil where it does not.
  func specificity(for format: ExpositionFormat) -> Int? {
    let (mediaType, main, formatVersion, unversioned) =
      switch format {
      case .plainText: ("text/plain", "text/*", "0.0.4", true)
      case .plainTextUTF8: ("text/plain", "text/*", "1.0.0", false)
      case .openMetrics: ("application/openmetrics-text", "application/*", "1.0.0", false)
      case .openMetricsDraft: ("application/openmetrics-text", "application/*", "0.0.1", true)
      }
    switch type {
    case "*/*": return 0
    case main: return 1
    case mediaType:
      guard let version else { return unversioned ? 2 : nil }
      return version == formatVersion ? 3 : nil
    default: return nil
    }
  }
}

/// `0.75` as 750; nil unless the text is a number from 0 to 1. Places after the third are ignored.
private func thousandths(_ text: some StringProtocol) -> Int? {
  let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  guard let whole = Int(parts[0]), whole == 0 || whole == 1 else { return nil }
  let fraction = parts.count == 2 ? String(parts[1]) : ""
  guard fraction.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
  let total = whole * 1000 + Int((fraction + "000").prefix(3))!
  return total <= 1000 ? total : nil
}

extension StringProtocol {
  fileprivate var trimmed: SubSequence {
    var rest = self[...]
    while let first = rest.first, first == " " || first == "\t" { rest.removeFirst() }
    while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
    return rest
  }
}

extension String {
  /// The value of the first parameter of that name, if it is one that Prometheus knows.
  fileprivate func range(ofParameter name: String) -> String? {
    for part in split(whereSeparator: { $0 == ";" || $0 == "," }) {
      let pair = part.split(separator: "=", maxSplits: 1).map { $0.trimmed }
      guard pair.count == 2, pair[0] == name else { continue }
      let known = ["allow-utf-8", "underscores", "dots", "values"]
      return known.contains(String(pair[1])) ? String(pair[1]) : nil
    }
    return nil
  }
}
