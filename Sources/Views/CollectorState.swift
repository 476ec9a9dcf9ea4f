internal import System

/// A collector as people see it: whether it works, what keeps it from working, how it is turned on.
package struct CollectorState: Sendable {
  package enum Health: Sendable {
    /// It has not been asked yet.
    case unknown
    case works
    case fails(String)
    case off
  }

  package let name: String
  package let health: Health
  /// How long it took when it was asked last. Nil where it was not asked.
  package let duration: Duration?

  package init(name: String, health: Health, duration: Duration? = nil) {
    self.name = name
    self.health = health
    self.duration = duration
  }

  package var json: JSON {
    let (state, error): (String, String?) =
      switch health {
      case .unknown: ("unknown", nil)
      case .works: ("works", nil)
      case .fails(let problem): ("fails", problem)
      case .off: ("off", nil)
      }
    return .object([
      ("collector", .string(name)), ("state", .string(state)), ("error", .init(error)),
      ("seconds", JSON(duration?.inSeconds)), ("flag", .string("--collector.\(name)")),
      ("tells", .init(Self.tells[name])),
    ])
  }

  /// What each collector tells, in the order in which people see them.
  package static let all: [(name: String, tells: String)] = [
    ("vmstat", "the machine's counters"),
    ("node", "each NUMA node, and what moves between memory tiers"),
    ("settings", "the kernel's settings that decide how much moves"),
    ("rates", "rates, bursts and their history"),
    ("reasons", "why pages move, and how long it takes"),
    ("causes", "why pages do not move"),
    ("waits", "who waits while pages move"),
    ("device", "what drivers move to the memory of devices, and back"),
    ("cgroup", "what each cgroup has moved"),
    ("cma", "contiguous memory, area by area"),
    ("mthp", "THPs of each size"),
    ("damon", "what DAMON's schemes do"),
    ("process", "what the exporter itself costs"),
  ]

  private static let tells = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0.tells) })
}
