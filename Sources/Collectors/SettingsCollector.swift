package import Exposition
package import KernelText

/// The kernel's settings that decide how much it migrates. A setting that this kernel lacks gives
/// no metric; one that cannot be read costs only its own.
package final class SettingsCollector: Collector {
  package let name = "settings"

  private let settings: [(setting: Setting, file: SettingFile)]
  // The kernel allocates what a read of a sysctl asks for: small is kind.
  private var buffer = [UInt8](repeating: 0, count: 128)

  package init(_ paths: KernelPaths) {
    settings = Setting.all.map { ($0, SettingFile($0, paths)) }
  }

  package var documentation: [MetricFamily] { settings.map(\.setting.family) }

  package func collect(into encoder: inout Encoder) -> [any Error] {
    var problems: [any Error] = []
    for (setting, file) in settings {
      do {
        guard let value = try file.read(using: &buffer) else { continue }
        setting.write(value, into: &encoder)
      } catch {
        problems.append(error)
      }
    }
    return problems
  }
}

/// A setting's file, which is read again and again.
private final class SettingFile {
  private var value: SteadyValueFile<Setting.Value>

  init(_ setting: Setting, _ paths: KernelPaths) {
    value = SteadyValueFile(setting.place.path(in: paths), setting.kind.parse)
  }

  /// - Returns: nil where this kernel has no such setting.
  func read(using buffer: inout [UInt8]) throws -> Setting.Value? { try value.read(using: &buffer) }
}
