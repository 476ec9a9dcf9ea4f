package import System

/// One of the observations that a histogram counts, and whose it was. Prometheus keeps it beside the
/// bucket, as no metric of its own. Text 0.0.4 has none.
package struct Exemplar: Sendable {
  let value: Duration
  let time: UnixTime
  /// In braces.
  let labels: [UInt8]
  let labelPairs: [UInt8]

  /// - Parameters:
  ///   - labels: with their names, 128 characters at most.
  ///   - value: what was observed.
  ///   - time: when; it is shown in milliseconds.
  package init(_ labels: KeyValuePairs<String, String>, value: Duration, time: UnixTime) {
    let pairs = labels.map { (name: $0.key, value: $0.value) }
    let inner = pairs.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
    self.labels = Array("{\(inner.joined(separator: ","))}".utf8)
    labelPairs = protobufLabels(pairs)
    self.value = value
    // The same moment is the same at each reading of the clocks it is worked out by.
    let milliseconds = time.sinceEpoch.wholeNanoseconds / 1_000_000
    self.time = UnixTime(sinceEpoch: .milliseconds(milliseconds))
  }
}
