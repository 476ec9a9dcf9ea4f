/// What `/proc/PID/timens_offsets` says of a process's clocks (time_namespaces(7)).
package struct TimeNamespaceOffsets: Equatable, Sendable {
  /// What CLOCK_BOOTTIME says there less what it says outside.
  package let boottime: Duration

  /// Nil unless a line of `text` is `boottime`, whole seconds and nanoseconds.
  package init?(parsing text: Span<UInt8>) {
    for line in SingleValue.word(text).split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.first == "boottime", words.count == 3, let seconds = Int64(words[1]),
        let nanoseconds = Int64(words[2])
      else { continue }
      boottime = .seconds(seconds) + .nanoseconds(nanoseconds)
      return
    }
    return nil
  }
}
