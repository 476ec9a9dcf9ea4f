/// Which of the kernel's arrays each line of `/proc/vmstat` is printed from.
///
/// The kernel prints its arrays one behind the other, and all of each (`vmstat_text` of `mm/vmstat.c`):
/// so a line's number says where its value is kept. The numbers differ from release to release, the
/// order of the arrays does not.
package struct VmstatArrays: Sendable {
  package enum Place: Hashable, Sendable {
    /// Of `vm_event_states`, of which each CPU has one.
    case event(Int)
    /// Of `vm_node_stat`.
    case node(Int)
    /// Of `vm_zone_stat`.
    case zone(Int)
  }

  private let places: [String: Place]
  /// How many lines each array has.
  let events: Int
  let nodeStats: Int
  let zoneStats: Int
  /// The names of some events of a CPU's first cache line. Memory that was given out is among them, so
  /// their sum is above 0 from the start on. (The first two the text has in other units.)
  package let firstEvents: [String]

  /// Nil where the text does not have the lines that the arrays begin with.
  ///
  /// - Parameter names: of all lines, in their order.
  package init?(names: [String]) {
    guard names.first == "nr_free_pages",
      let node = names.firstIndex(of: "nr_inactive_anon"),
      let limits = names.firstIndex(of: "nr_dirty_threshold"),
      let event = names.firstIndex(of: "pgpgin"),
      node < limits, limits < event
    else { return nil }
    let numa = names.firstIndex(of: "numa_hit").map { min($0, node) } ?? node
    var places: [String: Place] = [:]
    for (line, name) in names.enumerated() {
      switch line {
      case ..<numa: places[name] = .zone(line)
      case node..<limits: places[name] = .node(line - node)
      case event...: places[name] = .event(line - event)
      default: break
      }
    }
    self.places = places
    // Behind all arrays the kernel writes one name that it no longer counts.
    events = names.count - event - (names.last == "nr_unstable" ? 1 : 0)
    firstEvents = Array(names[event...].prefix(PerCPULayout.eventsPerLine).dropFirst(2))
    nodeStats = limits - node
    zoneStats = numa
  }

  /// Nil where the kernel has no such counter, or keeps it elsewhere.
  package subscript(name: String) -> Place? { places[name] }
}
