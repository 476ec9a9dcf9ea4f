/// A node's `meminfo` (drivers/base/node.c, node_read_meminfo): `Node 1 MemTotal:  1030836 kB`.
package enum NodeMemory {
  /// All memory of the node in bytes, from the first line. Nil unless it is such a line.
  package static func bytes(_ text: Span<UInt8>) -> UInt64? {
    var (words, end) = (Words(), 0)
    while end < text.count, text[end] != UInt8(ascii: "\n") { end += 1 }
    let line = text.extracting(0..<end)
    guard let node = words.next(in: line), line.extracting(node).equals("Node"),
      words.next(in: line) != nil,
      let name = words.next(in: line), line.extracting(name).equals("MemTotal:"),
      let number = words.next(in: line),
      let kibibytes = SingleValue.number(line.extracting(number)), kibibytes < 1 << 54,
      let unit = words.next(in: line), line.extracting(unit).equals("kB"), end < text.count
    else { return nil }
    return kibibytes << 10
  }
}
