package import Exposition
package import KernelText

/// The kernel's settings that decide how much it migrates. A setting that this kernel lacks gives
/// no metric; one that cannot be read costs only its own.
package final class SettingsCollector: Collector {
  package let name = "settings"

  private var reader: SettingsReader

  package init(_ paths: KernelPaths) { reader = SettingsReader(paths) }

  package var documentation: [MetricFamily] { Setting.all.map(\.family) }

  package func collect(into encoder: inout Encoder) -> [any Error] {
    reader.write(into: &encoder)
  }
}

/// All settings, and what their metrics were when they were read last: a setting seldom changes.
private struct SettingsReader: ~Copyable {
  private let files: [SettingFile]
  private let block: MetricBlock
  private var values: [UInt64?]
  // The kernel allocates what a read of a sysctl asks for: small is kind.
  private var buffer = [UInt8](repeating: 0, count: 128)

  init(_ paths: KernelPaths) {
    var count = 0
    files = Setting.all.map { setting in
      defer { count += setting.count }
      return SettingFile(setting, paths, place: count)
    }
    block = MetricBlock(Setting.all.map(\.part))
    values = Array(repeating: nil, count: count)
  }

  /// - Returns: what could not be read.
  mutating func write(into encoder: inout Encoder) -> [any Error] {
    var problems: [any Error] = []
    for file in files {
      do { try file.read(using: &buffer, into: &values) } catch { problems.append(error) }
    }
    encoder.write(block, values)
    return problems
  }
}

/// A setting's file, which is read again and again.
private final class SettingFile {
  private let setting: Setting
  /// That of its first metric among all.
  private let place: Int
  private var file: SteadyValueFile<Setting.Value>

  init(_ setting: Setting, _ paths: KernelPaths, place: Int) {
    self.setting = setting
    self.place = place
    file = SteadyValueFile(setting.place.path(in: paths), setting.kind.parse)
  }

  /// Reads it, and puts its metrics among all where they are others than before.
  func read(using buffer: inout [UInt8], into values: inout [UInt64?]) throws {
    var isNew = true
    defer {
      if isNew {
        values.replaceSubrange(place..<place + setting.count, with: setting.values(for: file.value))
      }
    }
    isNew = try file.readAgain(using: &buffer)
  }
}
