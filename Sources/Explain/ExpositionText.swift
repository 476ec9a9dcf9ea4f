/// An exposition in text 0.0.4 read back, sample by sample.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
package enum ExpositionText {
  /// Calls `body` with each sample's series, as it is written, and its value. What is no sample (a
  /// comment, half a line) is passed over.
  package static func forEachSample(
    _ bytes: [UInt8], _ body: (_ series: Substring, _ value: Double) -> Void
  ) {
    // A line without its end may be one that was cut.
    guard let end = bytes.lastIndex(of: UInt8(ascii: "\n")) else { return }
    for line in String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\n") {
      guard line.first != "#", let space = line.lastIndex(of: " "), space > line.startIndex,
        let value = Double(line[line.index(after: space)...])
      else { continue }
      body(line[..<space], value)
    }
  }
}
