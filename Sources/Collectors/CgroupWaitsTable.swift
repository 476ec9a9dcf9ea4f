package import MigrationReasons

/// Whose threads waited, and how long: what the kernel's table grew by goes to the cgroups that are
/// followed, and all else to the others. So no total ever falls while its cgroup is there.
package struct CgroupWaitsTable {
  /// In nanoseconds, by wait, in the order of `Wait.allCases`.
  package typealias Times = [UInt64]

  /// What each followed cgroup waited, in the order of the walk. Empty for one that never did.
  package private(set) var followed: [(path: [UInt8], times: Times)] = []
  package private(set) var others = Times(repeating: 0, count: Wait.allCases.count)
  private var seen: [Times] = []

  package init() {}

  /// - Parameters:
  ///   - places: the kernel's table.
  ///   - cgroups: those to follow, and their numbers; nil for one that is gone by now.
  package mutating func add(
    _ places: [CgroupWaits], _ cgroups: [(path: [UInt8], number: UInt64?)]
  ) {
    while seen.count < places.count { seen.append(Times(repeating: 0, count: others.count)) }
    let known = Dictionary(followed.map { ($0.path, $0.times) }) { first, _ in first }
    followed = cgroups.map { ($0.path, known[$0.path] ?? []) }
    let rows = Dictionary(
      cgroups.enumerated().compactMap { row, cgroup in cgroup.number.map { ($0, row) } }
    ) { first, _ in first }
    for (place, waits) in places.enumerated() where place == 0 || waits.cgroup > 0 {
      guard waits.nanoseconds != seen[place] else { continue }
      let growth = zip(waits.nanoseconds, seen[place]).map { $0 &- $1 }
      seen[place] = waits.nanoseconds
      if place > 0, let row = rows[waits.cgroup] {
        let old = followed[row].times
        followed[row].times = old.isEmpty ? growth : zip(old, growth).map { $0 &+ $1 }
      } else {
        others = zip(others, growth).map { $0 &+ $1 }
      }
    }
  }
}
