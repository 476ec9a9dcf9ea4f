/// An exposition in text 0.0.4 read back, sample by sample.
///
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
package enum ExpositionText {
  /// Calls `body` with each sample's series, as it is written, and its value. What is no sample (a
  /// comment, half a line) is passed over.
  package static func forEachSample(
    _ bytes: [UInt8], _ body: (_ series: String, _ value: Double) -> Void
  ) {
    let (newline, hash, space) = (UInt8(ascii: "\n"), UInt8(ascii: "#"), UInt8(ascii: " "))
    // A line without its end may be one that was cut.
    guard let end = bytes.lastIndex(of: newline) else { return }
    for line in bytes[..<end].split(separator: newline) where line.first != hash {
      guard let gap = line.lastIndex(of: space), gap > line.startIndex,
        let value = Double(String(decoding: line[(gap + 1)...], as: UTF8.self))
      else { continue }
      body(String(decoding: line[..<gap], as: UTF8.self), value)
    }
  }
}
