/// Whether a client takes a body compressed with gzip (RFC 9110, section 12.5.3).
enum AcceptEncoding {
  static func allowsGzip(_ header: String?) -> Bool {
    guard let header else { return false }
    var wildcard = false
    for element in header.split(separator: ",") {
      var parts = element.split(separator: ";")[...]
      guard let coding = parts.popFirst()?.filter({ $0 != " " && $0 != "\t" }) else { continue }
      let isRefused = parts.contains { part in
        let weight = part.filter { $0 != " " && $0 != "\t" }
        return ["q=0", "q=0.", "q=0.0", "q=0.00", "q=0.000"].contains(weight.lowercased())
      }
      switch coding.lowercased() {
      case "gzip", "x-gzip": return !isRefused
      case "*": wildcard = !isRefused
      default: break
      }
    }
    return wildcard
  }
}
