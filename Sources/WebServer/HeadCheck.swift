/// What the first bytes of a connection are, by RFC 9112: the library takes much that another server
/// in front of it would read as something else, and two that read differently can be made to smuggle.
package enum HeadCheck: Equatable {
  /// The head has not ended yet.
  case incomplete
  case whole(CheckedHead)
  case refused(Refusal)

  /// A request has so many headers at most.
  static let headerLimit = 100

  /// - Parameters:
  ///   - bytes: as they came, from the first on.
  ///   - limits: how long a head may be.
  package init(_ bytes: Span<UInt8>, limits: Limits) {
    self.init(from: bytes, limits)
    // The answer to HEAD has no body (RFC 9110, section 9.3.2).
    if case .refused(var refusal) = self, bytes.hasPrefix("HEAD ") {
      refusal.hasBody = false
      self = .refused(refusal)
    }
  }

  private init(from bytes: Span<UInt8>, _ limits: Limits) {
    var lines = Lines()
    // A client may send an empty line before its request (section 2.2).
    while lines.position < bytes.count, lines.position < 4, bytes[lines.position] == 0x0d,
      lines.position + 1 < bytes.count, bytes[lines.position + 1] == 0x0a
    { lines.position += 2 }
    guard let requestLine = lines.next(in: bytes) else {
      self = Self.unfinished(bytes, lines, isRequestLine: true, limits)
      return
    }
    var head = HeadFacts(limits: limits)
    if let refusal = head.take(requestLine: bytes.extracting(requestLine)) {
      self = .refused(refusal)
      return
    }
    var count = 0
    while let line = lines.next(in: bytes) {
      guard !line.isEmpty else {
        self = head.verdict(length: lines.position)
        return
      }
      count += 1
      guard count <= Self.headerLimit else {
        self = .refused(Refusal(431, "a request may have at most \(Self.headerLimit) headers"))
        return
      }
      if let refusal = head.take(header: bytes.extracting(line)) {
        self = .refused(refusal)
        return
      }
    }
    self = Self.unfinished(bytes, lines, isRequestLine: false, limits)
  }

  private static func unfinished(
    _ bytes: Span<UInt8>, _ lines: Lines, isRequestLine: Bool, _ limits: Limits
  ) -> HeadCheck {
    if lines.hasBareLineFeed { return .refused(.bad("a line ends in LF without CR")) }
    guard bytes.count >= limits.headBytes else { return .incomplete }
    let what = isRequestLine ? "request line" : "head"
    return .refused(
      Refusal(isRequestLine ? 414 : 431, "the \(what) is longer than \(limits.headBytes) bytes"))
  }
}

/// A head that may come in.
package struct CheckedHead: Equatable, Sendable {
  /// Its bytes, with the empty line that ends it and those before it.
  package let length: Int
  /// Whether it announces a body.
  package let hasBody: Bool
}

/// The lines of a head, each ended by CR LF.
private struct Lines {
  var position = 0
  private(set) var hasBareLineFeed = false

  /// The next line without its end. Nil where it does not end, or ends otherwise.
  mutating func next(in bytes: Span<UInt8>) -> Range<Int>? {
    var end = position
    while end < bytes.count, bytes[end] != 0x0a { end += 1 }
    guard end < bytes.count else { return nil }
    guard end > position, bytes[end - 1] == 0x0d else {
      hasBareLineFeed = true
      return nil
    }
    defer { position = end + 1 }
    return position..<(end - 1)
  }
}

/// What the lines so far say.
private struct HeadFacts {
  let limits: Limits
  private var isOld = false
  private var hosts = 0
  private var lengths = 0
  private var logins = 0
  private var codings = 0
  private var hasBody = false

  init(limits: Limits) { self.limits = limits }

  mutating func take(requestLine line: Span<UInt8>) -> Refusal? {
    guard let first = line.firstSpace(from: 0), (1...32).contains(first),
      line.extracting(0..<first).allToken, let second = line.firstSpace(from: first + 1),
      second > first + 1
    else { return .bad("the request line is not METHOD TARGET HTTP/1.1") }
    let target = line.extracting((first + 1)..<second)
    let version = line.extracting((second + 1)..<line.count)
    guard version.hasPrefix("HTTP/"), version.count == 8 else {
      return .bad("the request line is not METHOD TARGET HTTP/1.1")
    }
    isOld = version.hasPrefix("HTTP/1.0")
    guard isOld || version.hasPrefix("HTTP/1.1") else {
      return Refusal(505, "only HTTP/1.1 and HTTP/1.0 are supported")
    }
    return check(target: target)
  }

  private func check(target: Span<UInt8>) -> Refusal? {
    var parameters = 0
    for index in 0..<target.count {
      let byte = target[index]
      guard byte > 0x20, byte < 0x7f else {
        return .bad("the target has a character that must be encoded")
      }
      if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "&") { parameters += 1 }
      if byte == UInt8(ascii: "%") {
        guard index + 2 < target.count, let high = hexadecimal(target[index + 1]),
          let low = hexadecimal(target[index + 2])
        else { return .bad("the target has a % without two digits") }
        if high == 0, low == 0 { return .bad("the target has a NUL") }
      }
    }
    guard parameters <= limits.queryParameters else {
      return .bad("a query may have at most \(limits.queryParameters) parameters")
    }
    return nil
  }

  mutating func take(header line: Span<UInt8>) -> Refusal? {
    guard line[0] != 0x20, line[0] != 0x09 else { return .bad("a header is folded") }
    guard let colon = line.first(UInt8(ascii: ":")), colon > 0 else {
      return .bad("a header has no name")
    }
    let name = line.extracting(0..<colon)
    guard name.allToken else { return .bad("a header's name has a character that is not allowed") }
    let whole = line.extracting((colon + 1)..<line.count)
    for index in whole.indices
    where whole[index] < 0x20 && whole[index] != 0x09 || whole[index] == 0x7f {
      return .bad("a header has a control character")
    }
    let value = whole.extracting(whole.trimmed)
    if name.isName("host") {
      hosts += 1
      return value.allHost ? nil : .bad("Host is not a name and a port")
    }
    if name.isName("authorization") {
      logins += 1
      return nil
    }
    if name.isName("content-length") {
      lengths += 1
      if !value.isName("0") { hasBody = true }
      return (1...18).contains(value.count) && value.allDigits
        ? nil : .bad("Content-Length is not a number")
    }
    if name.isName("transfer-encoding") {
      codings += 1
      hasBody = true
      return value.isName("chunked")
        ? nil : Refusal(501, "the only transfer coding here is chunked")
    }
    if name.isName("expect"), !value.isName("100-continue") {
      return Refusal(417, "Expect is 100-continue or nothing")
    }
    return nil
  }

  func verdict(length: Int) -> HeadCheck {
    problem.map { .refused($0) } ?? .whole(CheckedHead(length: length, hasBody: hasBody))
  }

  /// What is wrong with the head as a whole. Nil where nothing is.
  private var problem: Refusal? {
    if hosts > 1 { return .bad("there are \(hosts) Host headers") }
    if hosts == 0, !isOld { return .bad("there is no Host header") }
    if logins > 1 { return .bad("there are \(logins) Authorization headers") }
    if lengths > 1 { return .bad("there are \(lengths) Content-Length headers") }
    if codings > 1 { return .bad("there are \(codings) Transfer-Encoding headers") }
    if codings > 0, lengths > 0 { return .bad("there are Content-Length and Transfer-Encoding") }
    if codings > 0, isOld { return .bad("HTTP/1.0 has no Transfer-Encoding") }
    return nil
  }
}

private func hexadecimal(_ byte: UInt8) -> UInt8? {
  switch byte {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
  default: nil
  }
}

extension Span<UInt8> {
  fileprivate func first(_ byte: UInt8) -> Int? {
    for index in indices where self[index] == byte { return index }
    return nil
  }

  fileprivate func firstSpace(from start: Int) -> Int? {
    var index = start
    while index < count {
      if self[index] == 0x20 { return index }
      index += 1
    }
    return nil
  }

  fileprivate func hasPrefix(_ text: StaticString) -> Bool {
    guard count >= text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where unsafe self[index] != text.utf8Start[index] {
      return false
    }
    return true
  }

  /// Compared without regard to case; `text` is lower case.
  fileprivate func isName(_ text: StaticString) -> Bool {
    guard count == text.utf8CodeUnitCount else { return false }
    for index in indices where unsafe lowercased(self[index]) != text.utf8Start[index] {
      return false
    }
    return true
  }

  /// Without the white space around it.
  fileprivate var trimmed: Range<Int> {
    var (start, end) = (0, count)
    while start < end, self[start] == 0x20 || self[start] == 0x09 { start += 1 }
    while end > start, self[end - 1] == 0x20 || self[end - 1] == 0x09 { end -= 1 }
    return start..<end
  }

  /// Whether these are characters of a token (RFC 9110, section 5.6.2).
  fileprivate var allToken: Bool {
    for index in indices {
      switch self[index] {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "!"), UInt8(ascii: "#"),
        UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"), UInt8(ascii: "'"),
        UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"),
        UInt8(ascii: "~"):
        continue
      default: return false
      }
    }
    return true
  }

  fileprivate var allDigits: Bool {
    for index in indices where self[index] &- UInt8(ascii: "0") > 9 { return false }
    return true
  }

  /// Whether these may stand in a host and port (RFC 3986, section 3.2.2), or are nothing at all.
  fileprivate var allHost: Bool {
    for index in indices {
      let byte = self[index]
      guard byte > 0x20, byte < 0x7f else { return false }
      switch byte {
      case UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "@"),
        UInt8(ascii: "\\"), UInt8(ascii: ","), UInt8(ascii: "\""), UInt8(ascii: "<"),
        UInt8(ascii: ">"):
        return false
      default: continue
      }
    }
    return true
  }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
