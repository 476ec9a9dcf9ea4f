package import System

extension BootInstant {
  /// When the machine booted, by the clock of this process: its zero, but in a time namespace.
  package static let boot: BootInstant = {
    var file = PseudoFile("/proc/self/timens_offsets")
    var text = [UInt8](repeating: 0, count: 256)
    guard let count = try? file.read(into: &text),
      let offsets = TimeNamespaceOffsets(parsing: text.span.extracting(0..<count))
    else { return BootInstant(sinceBoot: .zero) }
    return BootInstant(sinceBoot: offsets.boottime)
  }()
}
