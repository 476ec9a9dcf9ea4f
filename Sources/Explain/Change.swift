/// A setting as it is, and as it might be.
struct Change: Sendable {
  /// As `sysctl` names it, or the path of its file.
  let setting: String
  private let from: String
  private let to: String

  /// - Parameter from: today's value.
  init(sysctl name: String, from: Int, to: Int) {
    (setting, self.from, self.to) = (name, "\(from)", "\(to)")
  }

  init(file: String, from: String, to: String) { (setting, self.from, self.to) = (file, from, to) }

  /// The same sysctl, without its value.
  static func look(at setting: String) -> String {
    setting.hasPrefix("/") ? "cat \(setting)" : "sysctl \(setting)"
  }

  /// Whether it is so already.
  var isNone: Bool { from == to }
  var command: String { command(to) }
  /// Takes it back.
  var undo: String { command(from) }
  /// `vm.compaction_proactiveness is 20`
  var now: String { "\(setting) is \(from)" }

  private func command(_ value: String) -> String {
    setting.hasPrefix("/") ? "echo \(value) > \(setting)" : "sysctl \(setting)=\(value)"
  }
}
