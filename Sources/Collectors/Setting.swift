internal import Exposition
internal import KernelText

/// One setting of the kernel: a line of the table.
final class Setting: Sendable {
  enum Place: Sendable {
    /// Below `/proc/sys`.
    case sysctl(String)
    /// Below `/sys/kernel/mm`.
    case mm(String)

    func path(in paths: KernelPaths) -> String {
      switch self {
      case .sysctl(let name): "\(paths.procfs)/sys/\(name)"
      case .mm(let name): "\(paths.sysfs)/kernel/mm/\(name)"
      }
    }
  }

  /// How its text is to be read.
  enum Kind: Sendable {
    case number
    /// A number of 2^10 bytes.
    case kibibytes
    /// A number of 2^20 bytes.
    case mebibytes
    case flag
    /// One of these, in brackets among others: a metric for each, which is 1 for the chosen one.
    case choice(label: String, [String])

    func parse(_ text: Span<UInt8>) -> Value? {
      switch self {
      case .number: SingleValue.number(text).map(Value.number)
      case .kibibytes: SingleValue.number(text).flatMap { $0 < 1 << 54 ? .number($0 << 10) : nil }
      case .mebibytes: SingleValue.number(text).flatMap { $0 < 1 << 44 ? .number($0 << 20) : nil }
      case .flag: SingleValue.flag(text).map { .number($0 ? 1 : 0) }
      case .choice: SingleValue.choice(text).map { .choice($0.chosen) }
      }
    }
  }

  enum Value: Sendable {
    case number(UInt64)
    case choice(String)
  }

  let place: Place
  let kind: Kind
  let family: MetricFamily
  private let choices: [(name: String, metric: Metric)]

  private init(
    _ name: String, _ place: Place, _ kind: Kind, unit: String, since: String, _ help: String
  ) {
    self.place = place
    self.kind = kind
    var (label, names): (String?, [String]) = (nil, [])
    if case .choice(let ofChoice, let all) = kind { (label, names) = (ofChoice, all) }
    let family = MetricFamily(
      "pagemigration_\(name)", .gauge, labels: label.map { [$0] } ?? [],
      source: place.path(in: KernelPaths()), unit: unit, since: since, help: help)
    self.family = family
    choices = names.map { ($0, Metric(family.name, labelPairs: [(label ?? "", $0)])) }
  }

  /// Its metrics, as a part of the block of all settings.
  var part: MetricBlock.Part {
    choices.isEmpty ? MetricBlock.Part(family) : MetricBlock.Part(family, choices.map(\.metric))
  }

  /// How many metrics it has.
  var count: Int { max(choices.count, 1) }

  /// What its metrics are for a value: as many as ``count``. They are absent where there is none.
  func values(for value: Value?) -> [UInt64?] {
    switch value {
    case nil: Array(repeating: nil, count: count)
    case .number(let number): [number]
    case .choice(let chosen): choices.map { $0.name == chosen ? 1 : 0 }
    }
  }

  /// In the order of the exposition.
  static let all = [
    Setting(
      "numa_balancing_mode", .sysctl("kernel/numa_balancing"), .number, unit: "bits",
      since: "3.13",
      "Automatic NUMA balancing, a bit mask: 0 off, 1 between nodes, 2 promotion between memory tiers (kernel.numa_balancing)"
    ),
    Setting(
      "demotion_enabled", .mm("numa/demotion_enabled"), .flag, unit: "1 or 0", since: "5.15",
      "1 where reclaim may demote pages to a slower memory tier (numa/demotion_enabled)"),
    // The sysctl's MB are 2^20 bytes: kernel/sched/fair.c shifts them by 20 - PAGE_SHIFT.
    Setting(
      "promotion_rate_limit_bytes_per_second",
      .sysctl("kernel/numa_balancing_promote_rate_limit_MBps"), .mebibytes,
      unit: "bytes per second", since: "6.1",
      "Most that NUMA balancing promotes per second and node (kernel.numa_balancing_promote_rate_limit_MBps)"
    ),
    Setting(
      "compaction_proactiveness", .sysctl("vm/compaction_proactiveness"), .number,
      unit: "0 to 100", since: "5.9",
      "How eagerly kcompactd compacts in the background, 0 for not at all (vm.compaction_proactiveness)"
    ),
    Setting(
      "thp_policy", .mm("transparent_hugepage/enabled"),
      .choice(label: "policy", ["always", "madvise", "never"]), unit: "1 or 0", since: "2.6.38",
      "1 for the policy that is chosen for transparent huge pages (transparent_hugepage/enabled)"),
    Setting(
      "thp_defrag", .mm("transparent_hugepage/defrag"),
      .choice(label: "policy", ["always", "defer", "defer+madvise", "madvise", "never"]),
      unit: "1 or 0", since: "2.6.38, defer 4.6",
      "1 for the policy in force, of how hard a page fault tries for a huge page: always compacts at once, defer leaves it to kcompactd (transparent_hugepage/defrag)"
    ),
    Setting(
      "watermark_scale_factor", .sysctl("vm/watermark_scale_factor"), .number,
      unit: "ten-thousandths", since: "4.6",
      "Gap between kswapd's watermarks in ten-thousandths of a zone's memory; more starts reclaim and demotion earlier (vm.watermark_scale_factor)"
    ),
    Setting(
      "min_free_bytes", .sysctl("vm/min_free_kbytes"), .kibibytes, unit: "bytes", since: "2.6",
      "Memory that the kernel keeps free for itself (vm.min_free_kbytes)"),
    Setting(
      "defrag_mode", .sysctl("vm/defrag_mode"), .flag, unit: "1 or 0", since: "6.15",
      "1 where allocations reclaim and compact rather than mix movable with unmovable pages (vm.defrag_mode)"
    ),
  ]
}
