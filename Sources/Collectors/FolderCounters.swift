internal import Exposition
internal import KernelText

/// Numbers that the kernel keeps in a file each, in a folder for each of several things.
struct FolderCounters {
  /// One file, and what it is exported as.
  struct Row: Sendable {
    let file: String
    let family: MetricFamily

    init(
      _ file: String, _ name: String, as type: MetricType = .counter, labels: [String],
      unit: String,
      since: String, _ help: String
    ) {
      self.file = file
      family = MetricFamily(
        "pagemigration_\(name)", type, labels: labels, source: file, unit: unit, since: since,
        help: "\(help) (\(file))")
    }
  }

  /// One of the things: its folder, and the values of its labels.
  struct Target {
    let folder: String
    let labels: [(name: String, value: String)]
  }

  let rows: [Row]
  private var buffer = [UInt8](repeating: 0, count: 128)

  init(_ rows: [Row]) { self.rows = rows }

  /// Writes every family with the files that are there.
  ///
  /// - Returns: what could not be read.
  mutating func write(_ targets: [Target], into encoder: inout Encoder) -> [any Error] {
    guard !targets.isEmpty else { return [] }
    var problems: [any Error] = []
    for row in rows {
      encoder.begin(row.family)
      for target in targets {
        var file = SingleValueFile("\(target.folder)/\(row.file)")
        do {
          let value = try file.read(using: &buffer, wholeLine: true, SingleValue.number)
          guard let value else { continue }
          encoder.write(Metric(row.family.name, labelPairs: target.labels), value)
        } catch {
          problems.append(error)
        }
      }
    }
    return problems
  }
}
