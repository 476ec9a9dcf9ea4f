internal import CYAML

/// Reads a YAML text by libyaml's events, and no more of YAML than a configuration needs: one
/// document without anchors, aliases and tags, so that nothing is larger than it looks.
@safe final class YAMLParser {
  /// Mappings within mappings.
  private static let depthLimit = 16

  // Not a value: libyaml keeps its address in itself.
  private let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
  private let text: [UInt8]

  /// The value of the only document. Nil where there is none.
  static func document(_ text: [UInt8]) throws(YAMLProblem) -> YAMLNode? {
    try YAMLParser(text).document()
  }

  private init(_ text: [UInt8]) {
    self.text = text
    unsafe yaml_parser_initialize(parser)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
  }

  private func document() throws(YAMLProblem) -> YAMLNode? {
    // The parser reads the bytes where they are: they are held until it is done.
    let text = text
    let result = unsafe text.withUnsafeBufferPointer { bytes -> Result<YAMLNode?, YAMLProblem> in
      unsafe yaml_parser_set_input_string(parser, bytes.baseAddress ?? empty, bytes.count)
      do throws(YAMLProblem) {
        return .success(try stream())
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func stream() throws(YAMLProblem) -> YAMLNode? {
    var root: YAMLNode?
    while true {
      let event = try next()
      switch event.kind {
      case YAML_STREAM_START_EVENT, YAML_DOCUMENT_END_EVENT: continue
      case YAML_STREAM_END_EVENT: return root
      case YAML_DOCUMENT_START_EVENT:
        guard root == nil else {
          throw YAMLProblem(position: event.position, reason: "a second document begins here")
        }
      default: root = try node(event, depth: 0)
      }
    }
  }

  private func node(_ event: Event, depth: Int) throws(YAMLProblem) -> YAMLNode {
    guard depth < Self.depthLimit else {
      throw YAMLProblem(position: event.position, reason: "too many levels")
    }
    switch event.kind {
    case YAML_SCALAR_EVENT:
      return YAMLNode(
        position: event.position, content: .scalar(event.text, isPlain: event.isPlain))
    case YAML_SEQUENCE_START_EVENT:
      var items: [YAMLNode] = []
      while case let item = try next(), item.kind != YAML_SEQUENCE_END_EVENT {
        items.append(try node(item, depth: depth + 1))
      }
      return YAMLNode(position: event.position, content: .list(items))
    case YAML_MAPPING_START_EVENT:
      var pairs: [(key: YAMLNode, value: YAMLNode)] = []
      while case let key = try next(), key.kind != YAML_MAPPING_END_EVENT {
        let key = try node(key, depth: depth + 1)
        pairs.append((key, try node(try next(), depth: depth + 1)))
      }
      return YAMLNode(position: event.position, content: .mapping(pairs))
    default:
      throw YAMLProblem(position: event.position, reason: "not a value")
    }
  }

  // MARK: Events

  private struct Event {
    let kind: yaml_event_type_t
    let position: TextPosition
    var text = ""
    var isPlain = false
  }

  private func next() throws(YAMLProblem) -> Event {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw problem() }
    defer { unsafe yaml_event_delete(&event) }
    let kind = unsafe event.type
    let position = unsafe TextPosition(event.start_mark)
    if kind == YAML_ALIAS_EVENT {
      throw YAMLProblem(position: position, reason: "aliases (*name) are not supported")
    }
    var (anchor, tag) = unsafe (
      UnsafeMutablePointer<UInt8>?.none, UnsafeMutablePointer<UInt8>?.none
    )
    var result = Event(kind: kind, position: position)
    switch kind {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      unsafe (anchor, tag) = (scalar.anchor, scalar.tag)
      result.text = unsafe String(
        decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      result.isPlain = unsafe scalar.style == YAML_PLAIN_SCALAR_STYLE
    case YAML_SEQUENCE_START_EVENT:
      unsafe (anchor, tag) = (event.data.sequence_start.anchor, event.data.sequence_start.tag)
    case YAML_MAPPING_START_EVENT:
      unsafe (anchor, tag) = (event.data.mapping_start.anchor, event.data.mapping_start.tag)
    default: break
    }
    if unsafe anchor != nil {
      throw YAMLProblem(position: position, reason: "anchors (&name) are not supported")
    }
    if unsafe tag != nil {
      throw YAMLProblem(position: position, reason: "tags (!name) are not supported")
    }
    return result
  }

  private func problem() -> YAMLProblem {
    let words = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? "unreadable"
    switch unsafe parser.pointee.error {
    case YAML_READER_ERROR:
      let isText = words.hasPrefix("control characters")
      return YAMLProblem(
        position: position(ofByte: unsafe parser.pointee.problem_offset),
        reason: isText ? "control characters are not allowed" : "not UTF-8")
    case YAML_MEMORY_ERROR: return YAMLProblem(position: nil, reason: "no memory to read it")
    default:
      let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) + ", " } ?? ""
      return YAMLProblem(
        position: unsafe TextPosition(parser.pointee.problem_mark),
        reason: "not YAML: \(context)\(words)")
    }
  }

  private func position(ofByte offset: Int) -> TextPosition {
    let before = text.prefix(offset)
    let lines = before.split(separator: 0x0a, omittingEmptySubsequences: false)
    let column = (lines.last ?? []).count { $0 & 0xc0 != 0x80 }
    return TextPosition(line: max(1, lines.count), column: column + 1)
  }
}

/// An address for a text of no bytes.
nonisolated(unsafe) private let empty =
  unsafe UnsafePointer<UInt8>(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

extension TextPosition {
  /// libyaml counts from 0.
  fileprivate init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1)
  }
}
