package import System

extension TimeNamespaceOffsets {
  /// Those of this process.
  static let own: TimeNamespaceOffsets = {
    var file = PseudoFile("/proc/self/timens_offsets")
    var text = [UInt8](repeating: 0, count: 256)
    let offsets = (try? file.read(into: &text)).flatMap {
      TimeNamespaceOffsets(parsing: text.span.extracting(0..<$0))
    }
    return offsets ?? TimeNamespaceOffsets(monotonic: .zero, boottime: .zero)
  }()
}

extension BootInstant {
  /// When the machine booted, by the clock of this process: its zero, but in a time namespace.
  package static let boot = BootInstant(sinceBoot: TimeNamespaceOffsets.own.boottime)
}

/// The kernel's own CLOCK_MONOTONIC, which eBPF programs read: a time namespace does not shift it.
extension MonotonicTime {
  package init(ofKernel sinceBoot: Duration) {
    self.init(sinceBoot: sinceBoot + TimeNamespaceOffsets.own.monotonic)
  }

  package var ofKernel: Duration { sinceBoot - TimeNamespaceOffsets.own.monotonic }
}
