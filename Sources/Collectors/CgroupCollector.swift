package import Exposition
package import KernelText
internal import PageMigration

/// The counters that the kernel keeps for each cgroup, in `memory.stat` of cgroup version 2.
///
/// Cgroups are found anew at each scrape, up to a maximum, the shallow ones first. A cgroup that
/// fails costs only its own metrics. Each reading makes the kernel add up what its CPUs have counted
/// (mm/memcontrol.c, mem_cgroup_flush_stats), so it costs more than a reading of `/proc/vmstat`.
package final class CgroupCollector: Collector {
  package let name = "cgroup"

  private let tree: CgroupTree
  private let selection: CgroupSelection
  private let warn: @Sendable (String) -> Void
  private let families = CounterFamily.all(of: .cgroup)
  private var cgroups: [Cgroup] = []
  private var reader = CounterReader()
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  private var leavesOut = false

  /// - Parameter warn: called once whenever cgroups begin to be left out.
  package init(
    _ paths: KernelPaths, _ selection: CgroupSelection, warn: @escaping @Sendable (String) -> Void
  ) {
    tree = CgroupTree(paths.cgroupfs, selection)
    self.selection = selection
    self.warn = warn
  }

  package var documentation: [MetricFamily] {
    families.map(\.metricFamily) + [Self.followed, Self.leftOut]
  }

  package func collect(into encoder: inout Encoder) throws -> [any Error] {
    let walk = try tree.walk()
    follow(walk.paths)
    note(leftOut: walk.leftOut)
    var problems = walk.problems
    var readable = 0
    for cgroup in cgroups {
      do {
        if try cgroup.read(&reader, using: &buffer) { readable += 1 }
      } catch {
        problems.append(error)
      }
    }
    let followed = cgroups.lazy.filter(\.hasCounters).count
    if readable > 0, followed == 0 { problems.append(NoCgroupCounters(root: tree.root)) }
    for (place, family) in families.enumerated() {
      encoder.begin(family.metricFamily)
      for cgroup in cgroups where cgroup.hasCounters {
        cgroup.counters.writeMetrics(ofFamilyAt: place, into: &encoder)
      }
    }
    encoder.write(Self.followed, UInt64(followed))
    encoder.write(Self.leftOut, UInt64(walk.leftOut))
    return problems
  }

  /// Keeps what is known of the cgroups that are still there.
  private func follow(_ paths: [[UInt8]]) {
    guard !cgroups.lazy.map(\.path).elementsEqual(paths) else { return }
    let known = Dictionary(cgroups.map { ($0.path, $0) }) { first, _ in first }
    cgroups = paths.map { known[$0] ?? Cgroup($0, families, root: tree.root) }
  }

  private func note(leftOut: Int) {
    defer { leavesOut = leftOut > 0 }
    guard leftOut > 0, !leavesOut else { return }
    warn(
      "\(leftOut) cgroups are left out: beyond --collector.cgroup.max=\(selection.max), or with a name that is not UTF-8"
    )
  }

  private static let followed = MetricFamily(
    "pagemigration_cgroups_followed", .gauge, source: "memory.stat", unit: "cgroups",
    help: "Cgroups whose counters this scrape has read (memory.stat)")
  private static let leftOut = MetricFamily(
    "pagemigration_cgroups_left_out", .gauge, source: "the cgroup file system", unit: "cgroups",
    help:
      "Cgroups that the patterns and the depth take in and that are not followed, being beyond --collector.cgroup.max or named in other than UTF-8"
  )
}

/// Every `memory.stat` was read and none has a counter of ours.
struct NoCgroupCounters: Error, CustomStringConvertible {
  let root: String

  var description: String {
    "\(root): no memory.stat has counters of migration, which Linux keeps from 6.12 on"
  }
}

/// One cgroup: its file and its counters.
private final class Cgroup {
  /// `/` for the root; the bytes, since two names may be equal as text and differ in these.
  let path: [UInt8]
  private let file: String
  private(set) var counters: CounterTarget

  init(_ path: [UInt8], _ families: [CounterFamily], root: String) {
    self.path = path
    let label = String(decoding: path, as: UTF8.self)
    file = path.count > 1 ? "\(root)\(label)/memory.stat" : "\(root)/memory.stat"
    counters = CounterTarget(families, target: label)
  }

  /// Whether the last reading gave a counter at all: before 6.12 a `memory.stat` has none of ours.
  private(set) var hasCounters = false

  /// - Returns: false where the cgroup is gone.
  func read(_ reader: inout CounterReader, using buffer: inout [UInt8]) throws -> Bool {
    hasCounters = false
    do {
      try reader.read(file, into: &counters.snapshot, using: &buffer)
    } catch {
      guard let error = error as? FileError, error.meansGone else { throw error }
      return false
    }
    hasCounters = !counters.isEmpty
    return true
  }
}
