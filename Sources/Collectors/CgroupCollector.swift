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
  private var cgroups: [Cgroup] = []
  private var reader = CounterReader()
  private var buffer = [UInt8](repeating: 0, count: 16 << 10)
  private var leavesOut = false

  /// - Parameter warn: told once whenever cgroups begin to be left out.
  package init(
    _ paths: KernelPaths, _ selection: CgroupSelection, warn: @escaping @Sendable (String) -> Void
  ) {
    tree = CgroupTree(paths.cgroupfs, selection)
    self.selection = selection
    self.warn = warn
  }

  package var documentation: [DocumentedFamily] {
    cgroupFamilies.map(\.documentation) + [Self.followed, Self.leftOut]
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
    for index in cgroupFamilies.indices {
      encoder.begin(cgroupFamilies[index].documentation.family)
      for cgroup in cgroups where cgroup.hasCounters {
        cgroup.writeFamily(index, into: &encoder)
      }
    }
    encoder.begin(Self.followed.family)
    encoder.write(followedMetric, UInt64(followed))
    encoder.begin(Self.leftOut.family)
    encoder.write(leftOutMetric, UInt64(walk.leftOut))
    return problems
  }

  /// Keeps what is known of the cgroups that are still there.
  private func follow(_ paths: [[UInt8]]) {
    guard !cgroups.lazy.map(\.path).elementsEqual(paths) else { return }
    let known = Dictionary(cgroups.map { ($0.path, $0) }) { first, _ in first }
    cgroups = paths.map { known[$0] ?? Cgroup($0, root: tree.root) }
  }

  private func note(leftOut: Int) {
    defer { leavesOut = leftOut > 0 }
    guard leftOut > 0, !leavesOut else { return }
    warn(
      "\(leftOut) cgroups are left out: beyond --collector.cgroup.max=\(selection.max), or not named in UTF-8"
    )
  }

  private let followedMetric = followed.family.metric()
  private let leftOutMetric = leftOut.family.metric()

  private static let followed = DocumentedFamily(
    "pagemigration_cgroups_followed", .gauge, source: "memory.stat", unit: "cgroups",
    help: "Cgroups whose counters this scrape has read (memory.stat)")
  private static let leftOut = DocumentedFamily(
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
