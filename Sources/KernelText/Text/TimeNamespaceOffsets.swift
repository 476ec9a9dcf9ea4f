/// What `/proc/PID/timens_offsets` says of a process's clocks (time_namespaces(7)): what each says there
/// less what it says outside.
package struct TimeNamespaceOffsets: Equatable, Sendable {
  package let monotonic: Duration
  package let boottime: Duration

  package init(monotonic: Duration, boottime: Duration) {
    self.monotonic = monotonic
    self.boottime = boottime
  }

  /// Nil unless `text` has a line for each clock: its name, whole seconds and nanoseconds.
  package init?(parsing text: Span<UInt8>) {
    var offsets: [Substring: Duration] = [:]
    for line in SingleValue.word(text).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let seconds = Int64(words[1]), let nanoseconds = Int64(words[2])
      else { return nil }
      offsets[words[0]] = .seconds(seconds) + .nanoseconds(nanoseconds)
    }
    guard let monotonic = offsets["monotonic"], let boottime = offsets["boottime"] else {
      return nil
    }
    self.init(monotonic: monotonic, boottime: boottime)
  }
}
