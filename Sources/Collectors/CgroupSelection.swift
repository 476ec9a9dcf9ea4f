/// Which cgroups are followed, and how many at most.
package struct CgroupSelection: Sendable {
  package static let maxRange = 1...10_000
  package static let depthRange = 0...64

  package var max = 200
  /// 0 is the root alone, 1 the cgroups in it as well.
  package var depth = 5
  /// Folders that one walk opens: a machine with more cgroups must leave some out by pattern.
  package var folderLimit = 20_000
  /// Empty for all.
  package var allow: [CgroupPattern] = []
  package var deny: [CgroupPattern] = []

  package init() {}

  /// Whether the cgroup itself is followed, and whether there may be such a one below it.
  func verdict(on path: [UInt8]) -> (isTaken: Bool, goesBelow: Bool) {
    var (isTaken, goesBelow) = (allow.isEmpty, allow.isEmpty)
    for pattern in allow {
      let match = pattern.match(path)
      isTaken = isTaken || match.isMatch
      goesBelow = goesBelow || match.mayMatchBelow
    }
    for pattern in deny {
      let match = pattern.match(path)
      isTaken = isTaken && !match.isMatch
      goesBelow = goesBelow && !match.matchesAllBelow
    }
    return (isTaken, goesBelow)
  }
}
