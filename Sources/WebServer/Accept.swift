/// What a client takes, and how gladly: an Accept or an Accept-Encoding header (RFC 9110, sections
/// 12.4.2, 12.5.1 and 12.5.3). An element that makes no sense is passed over.
package struct Accept: Sendable {
  private struct Element {
    /// A media range or a coding, in small letters.
    let value: String
    let parameters: [(name: String, value: String)]
    /// In thousandths: 0 is a refusal, as is what is no weight.
    let weight: Int

    func parameter(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
  }

  private let elements: [Element]

  /// - Parameter header: nil where there is none.
  package init(_ header: String?) {
    elements = pieces(of: (header ?? "")[...], between: ",").compactMap { text in
      var parts = pieces(of: text, between: ";").map(\.trimmed)
      guard let value = parts.first, !value.isEmpty else { return nil }
      parts.removeFirst()
      let parameters = parts.map { part in
        let name = part.prefix { $0 != "=" }
        let value = part.dropFirst(name.utf8.count + 1).trimmed.filter { $0 != "\"" }
        return (name: name.trimmed.lowercased(), value: value)
      }
      let weight = parameters.first { $0.name == "q" }.map { thousandths($0.value) ?? 0 } ?? 1000
      return Element(value: value.lowercased(), parameters: parameters, weight: weight)
    }
  }

  /// Whether the client likes one media type better than another, which it gets where it does not say.
  package func prefers(_ type: String, to other: String) -> Bool {
    best(of: [other, type].map { MediaType($0, [], isDefault: true) })?.offer == 1
  }

  /// Whether a coding of any of these names is taken: a star stands for those that are not named.
  package func takesCoding(_ names: Set<String>) -> Bool {
    let named = elements.first { names.contains($0.value) }
    return (named ?? elements.last { $0.value == "*" }).map { $0.weight > 0 } ?? false
  }

  /// The media type that the client likes best of those on offer: quality decides, then the order of
  /// the header, then that of the offers. Nil where it takes none.
  package func best(of offers: [MediaType]) -> Choice? {
    var best: (offer: Int, weight: Int, place: Int)?
    for (offer, type) in offers.enumerated() {
      // Of the elements that match, the most specific one speaks for the type.
      var match: (specificity: Int, place: Int)?
      for (place, element) in elements.enumerated() {
        guard let specificity = type.specificity(of: element.value, element.parameter)
        else { continue }
        if match.map({ specificity > $0.specificity }) ?? true { match = (specificity, place) }
      }
      guard let place = match?.place, elements[place].weight > 0 else { continue }
      let weight = elements[place].weight
      if let best, (best.weight, -best.place) >= (weight, -place) { continue }
      best = (offer, weight, place)
    }
    return best.map { Choice(offer: $0.offer, parameters: elements[$0.place].parameters) }
  }

  /// What a client likes best.
  package struct Choice {
    /// The media type's place among those on offer.
    package let offer: Int
    fileprivate let parameters: [(name: String, value: String)]

    /// A parameter of the element of the header that chose it.
    package func parameter(_ name: String) -> String? {
      parameters.first { $0.name == name }?.value
    }
  }
}

/// A media type on offer, with the parameters that tell it from others of its name.
package struct MediaType: Sendable {
  let name: String
  let parameters: [(name: String, value: String)]
  let isDefault: Bool
  let matchesStars: Bool

  /// - Parameters:
  ///   - parameters: those that a client must name. One with another value means another type.
  ///   - isDefault: whether it is what a client gets that names none of them.
  ///   - matchesStars: whether a client gets it that takes anything.
  package init(
    _ name: String, _ parameters: [(name: String, value: String)], isDefault: Bool,
    matchesStars: Bool = true
  ) {
    self.name = name
    self.parameters = parameters
    self.isDefault = isDefault
    self.matchesStars = matchesStars
  }

  /// How exactly a range names this type; nil where it does not.
  fileprivate func specificity(of range: String, _ wanted: (String) -> String?) -> Int? {
    if range == "*/*" { return matchesStars ? 0 : nil }
    if range == name.prefix(while: { $0 != "/" }) + "/*" { return matchesStars ? 1 : nil }
    guard range == name else { return nil }
    if parameters.allSatisfy({ wanted($0.name) == $0.value }) { return 3 }
    return isDefault && parameters.allSatisfy { wanted($0.name) == nil } ? 2 : nil
  }
}

/// What stands between the separators that are in no quoted string, without what is empty. (RFC 9110,
/// section 5.6.4: a backslash in it takes the next character as it is.) One that does not end takes the rest.
private func pieces(of text: Substring, between separator: Unicode.Scalar) -> [Substring] {
  var (isQuoted, isEscaped) = (false, false)
  return text.unicodeScalars.split { scalar in
    if isEscaped {
      isEscaped = false
    } else if scalar == "\"" {
      isQuoted.toggle()
    } else if isQuoted {
      isEscaped = scalar == "\\"
    } else {
      return scalar == separator
    }
    return false
  }
  .map(Substring.init)
}

/// `0.75` as 750; nil unless the text is a number from 0 to 1. Places after the third are ignored.
private func thousandths(_ text: String) -> Int? {
  let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
  guard let whole = Int(parts[0]), parts[0] == "0" || parts[0] == "1" else { return nil }
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
