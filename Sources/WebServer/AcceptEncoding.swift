/// Whether a client takes a body compressed with gzip (RFC 9110, section 12.5.3).
package enum AcceptEncoding {
  package static func allowsGzip(_ header: String?) -> Bool {
    guard let header else { return false }
    var wildcard = false
    for element in header.split(separator: ",") {
      var parts = element.split(separator: ";")[...]
      guard let coding = parts.popFirst()?.filter({ $0 != " " && $0 != "\t" }) else { continue }
      let isRefused = parts.contains { !isPositive(weight: $0.filter { $0 != " " && $0 != "\t" }) }
      switch coding.lowercased() {
      case "gzip", "x-gzip": return !isRefused
      case "*": wildcard = !isRefused
      default: break
      }
    }
    return wildcard
  }

  /// False for `q=0`, with as many places as one likes, and for what is no weight at all
  /// (RFC 9110, section 12.4.2); true for other parameters.
  private static func isPositive(weight text: String) -> Bool {
    guard text.lowercased().hasPrefix("q=") else { return true }
    let value = text.dropFirst(2)
    guard let first = value.first, first == "0" || first == "1" else { return false }
    let rest = value.dropFirst()
    guard
      rest.isEmpty
        || (rest.first == "." && rest.dropFirst().allSatisfy { $0.isASCII && $0.isNumber })
    else { return false }
    return first == "1" || rest.contains { $0 != "0" && $0 != "." }
  }
}
