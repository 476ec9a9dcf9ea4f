/// The kernel's lockdown, which can forbid eBPF even to root. Kernel: `security/lockdown/`.
package enum Lockdown {
  private static let path = "/sys/kernel/security/lockdown"

  /// The mode in force now. Nil if it is `none`, or cannot be told.
  static var mode: String? {
    (try? wholeText(path)).flatMap { mode(in: $0) }
  }

  /// The mode in force, from `none [integrity] confidentiality`. Nil if it is `none`.
  package static func mode(in text: String) -> String? {
    let marked = text.split { $0.isWhitespace }.first { $0.hasPrefix("[") && $0.hasSuffix("]") }
    guard let mode = marked?.dropFirst().dropLast(), mode != "none" else { return nil }
    return String(mode)
  }
}
