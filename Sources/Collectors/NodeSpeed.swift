internal import Exposition
internal import KernelText
internal import System

/// How fast a node's memory is for the processors nearest to it, as the firmware's HMAT says:
/// `nodeN/accessC/initiators` (Documentation/admin-guide/mm/numaperf.rst). Most machines' say nothing.
struct NodeSpeed {
  private let metrics: [(path: String, isBandwidth: Bool, metric: Metric)]
  private let folder: String
  private var values: [UInt64?] = []

  init(_ node: Int, folder: String) {
    self.folder = folder
    metrics = [("bandwidth", true), ("latency", false)].flatMap { what, isBandwidth in
      ["read", "write"].map { operation in
        let family = isBandwidth ? Self.bandwidth : Self.latency
        return (
          "initiators/\(operation)_\(what)", isBandwidth,
          family.metric(["numa_node": "\(node)", "operation": operation])
        )
      }
    }
  }

  /// Of the processors (`access1`, from 5.16 on) rather than of whatever is nearest (`access0`).
  mutating func read(using buffer: inout [UInt8]) throws {
    values = []
    for access in ["access1", "access0"] {
      var found: [UInt64?] = []
      for (path, _, _) in metrics {
        var file = SingleValueFile("\(folder)/\(access)/\(path)")
        found.append(try file.read(using: &buffer, wholeLine: true, SingleValue.number))
      }
      guard found.contains(where: { $0 != nil }) else { continue }
      values = found
      return
    }
  }

  func writeBandwidth(into encoder: inout Encoder) {
    for (place, value) in values.enumerated() where metrics[place].isBandwidth {
      // In MB; 0 is what the kernel says where the firmware said nothing.
      guard let value, value > 0, value < 1 << 40 else { continue }
      encoder.write(metrics[place].metric, value * 1_000_000)
    }
  }

  func writeLatency(into encoder: inout Encoder) {
    for (place, value) in values.enumerated() where !metrics[place].isBandwidth {
      guard let value, value > 0, value < 1 << 40 else { continue }
      encoder.write(metrics[place].metric, Duration(wholeNanoseconds: value))
    }
  }

  private static let source = "/sys/devices/system/node/nodeN/access1/initiators, else access0"

  static let bandwidth = MetricFamily(
    "pagemigration_node_bandwidth_bytes_per_second", .gauge, labels: ["numa_node", "operation"],
    source: source, unit: "bytes per second", since: "5.2",
    help: "How much the nearest processors can read from or write to this node's memory, as the"
      + " firmware's HMAT says (\(source))")

  static let latency = MetricFamily(
    "pagemigration_node_latency_seconds", .gauge, labels: ["numa_node", "operation"],
    source: source, unit: "seconds", since: "5.2",
    help: "How long the nearest processors wait for this node's memory, as the firmware's HMAT says"
      + " (\(source))")
}
