internal import MigrationReasons
package import System
package import Views

/// What an exporter's metrics did in the last minute, and in steps of ten seconds before that: all
/// that the live page draws beside the rates of each second.
package struct Trends {
  private let table: SeriesTable
  private let latest: History.Reading?
  /// Nil where there are no two readings, or the last is too old to speak of now.
  private let minute: Growth?
  private let steps: [Growth]
  private let now: MonotonicTime
  private let unixNow: UnixTime

  /// - Parameters:
  ///   - span: how far back the steps go.
  ///   - now: the same instant as `unixNow`.
  package init(
    _ history: History, span: Duration, until now: MonotonicTime, _ unixNow: UnixTime
  ) {
    let readings = history.readings
    let table = SeriesTable(history.places)
    self.table = table
    self.now = now
    self.unixNow = unixNow
    let isStale = readings.last.map { now - $0.time > History.staleAge } ?? true
    latest = isStale ? nil : readings.last
    if !isStale, let last = readings.last,
      let first = readings.first(where: { last.time - $0.time <= Self.minute + History.step / 2 }),
      first.time < last.time
    {
      minute = Growth(table, from: first, to: last)
    } else {
      minute = nil
    }
    steps = zip(readings, readings.dropFirst()).filter { now - $1.time <= span }
      .map { Growth(table, from: $0, to: $1) }
  }

  private static let minute = Duration.seconds(60)

  package var json: JSON {
    .object([
      ("step_seconds", .seconds(History.step)),
      ("window_seconds", .seconds(minute?.elapsed ?? .zero)),
      ("per_second", .object(Self.counters.map { ($0.name, JSON(minute?.rate($0.family))) })),
      ("numa_locality", JSON(minute?.locality)),
      ("reasons", reasons),
      ("sources", .array(sources)),
      ("causes", causes),
      ("waits", waits),
      ("nodes", .array(nodes)),
      ("settings", .object(settings)),
      ("steps", .array(steps.map(step))),
    ])
  }

  /// Those that are told as they are.
  private static let counters = [
    ("compaction_stalls", "pagemigration_compaction_stalls_total"),
    ("compaction_successes", "pagemigration_compaction_successes_total"),
    ("compaction_failures", "pagemigration_compaction_failures_total"),
    ("compaction_daemon_wakes", "pagemigration_compaction_daemon_wakes_total"),
    ("numa_hint_faults", "pagemigration_numa_hint_faults_total"),
    ("numa_pages_migrated", "pagemigration_numa_pages_migrated_total"),
    ("numa_pte_updates", "pagemigration_numa_pte_updates_total"),
    ("pages_promoted", "pagemigration_pages_promoted_total"),
    ("pages_demoted", "pagemigration_pages_demoted_total"),
  ].map { (name: $0.0, family: $0.1) }

  // MARK: By step

  private func step(_ growth: Growth) -> JSON {
    let ended = unixNow - (now - growth.end)
    let migrated = growth.rates("\(Self.reason)_pages_migrated_total", by: "reason")
    let buckets = growth.buckets("\(Self.reason)_call_duration_seconds")
    return .object([
      ("time", .seconds(ended.sinceEpoch)),
      ("seconds", .seconds(growth.elapsed)),
      (
        "reasons",
        migrated.isEmpty
          ? .null
          : .object(
            migrated.filter { $0.value > 0 }.sorted { $0.key < $1.key }
              .map { ($0.key, .number($0.value)) })
      ),
      ("durations", buckets.isEmpty ? .null : .array(buckets.map(JSON.integer))),
      ("per_second", .object(Self.counters.map { ($0.name, JSON(growth.rate($0.family))) })),
      ("numa_locality", JSON(growth.locality)),
    ])
  }

  // MARK: In the last minute

  private static let reason = "pagemigration_reason"

  /// Those that occurred, the busiest first. Null where they are not counted.
  private var reasons: JSON {
    let calls = totals("\(Self.reason)_calls_total", by: "reason")
    guard !calls.isEmpty else { return .null }
    let migrated = minute?.rates("\(Self.reason)_pages_migrated_total", by: "reason") ?? [:]
    let failed = minute?.rates("\(Self.reason)_pages_failed_total", by: "reason") ?? [:]
    let busy =
      minute?.rates("\(Self.reason)_call_duration_seconds_sum", by: "reason") ?? [:]
    let called = minute?.rates("\(Self.reason)_calls_total", by: "reason") ?? [:]
    let all = migrated.values.reduce(0, +)
    let order = calls.keys.sorted { one, other in
      (migrated[other] ?? 0, calls[other] ?? 0, one) < (migrated[one] ?? 0, calls[one] ?? 0, other)
    }
    return .array(
      order.map { reason in
        let pages = migrated[reason]
        let buckets = minute?.buckets("\(Self.reason)_call_duration_seconds") {
          $0["reason"] == reason
        }
        return .object([
          ("reason", .string(reason)),
          ("calls_total", JSON(calls[reason])),
          ("calls_per_second", JSON(called[reason])),
          ("pages_migrated_per_second", JSON(pages)),
          ("pages_failed_per_second", JSON(failed[reason])),
          ("share", JSON(all > 0 ? pages.map { $0 / all } : nil)),
          ("busy_seconds_per_second", JSON(busy[reason])),
          ("median_seconds", median(buckets)),
        ])
      })
  }

  private func median(_ buckets: [UInt64]?) -> JSON {
    JSON(
      buckets.flatMap {
        ReasonTotals.median(of: $0, bounds: DurationBuckets.classicBounds)?.inSeconds
      })
  }

  /// As much as the kernel's counters tell without tracing: what is left when NUMA balancing and
  /// demotion are taken from all has other reasons.
  private var sources: [JSON] {
    let all = "pagemigration_pages_migrated_total"
    let parts = [
      ("numa_balancing", "pagemigration_numa_pages_migrated_total"),
      ("demotion", "pagemigration_pages_demoted_total"),
    ]
    func rest(of value: (String) -> Double?) -> Double? {
      value(all).map { all in max(0, parts.reduce(all) { $0 - (value($1.1) ?? 0) }) }
    }
    let rate = { (family: String) in minute?.rate(family) }
    let whole = rate(all) ?? 0
    func row(_ name: String, _ pages: Double?, _ total: Double?) -> JSON {
      .object([
        ("source", .string(name)), ("pages_per_second", JSON(pages)),
        ("share", JSON(whole > 0 ? pages.map { $0 / whole } : nil)),
        ("total", JSON(total)),
      ])
    }
    return parts.map { row($0.0, rate($0.1), total($0.1)) }
      + [row("rest", rest(of: rate), rest(of: total))]
  }

  /// Why pages failed, over all reasons, the most frequent first. Null where it is not counted.
  private var causes: JSON {
    let family = "pagemigration_cause_pages_failed_total"
    guard !totals(family, by: "cause").isEmpty else { return .null }
    let rates = minute?.rates(family, by: "cause") ?? [:]
    let all = rates.values.reduce(0, +)
    return .array(
      rates.filter { $0.value > 0 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { cause, rate in
          .object([
            ("cause", .string(cause)), ("pages_per_second", .number(rate)),
            ("share", .number(rate / all)),
          ])
        })
  }

  /// Whom the moving of pages holds up. Null where that is not timed.
  private var waits: JSON {
    let kinds: [(name: String, family: String, page: String?)] = [
      ("page", "pagemigration_wait_seconds", "base"),
      ("thp", "pagemigration_wait_seconds", "thp"),
      ("hugetlb", "pagemigration_wait_seconds", "hugetlb"),
      ("numa_scan", "pagemigration_numa_scan_seconds", nil),
      ("direct_compaction", "pagemigration_direct_compaction_seconds", nil),
    ]
    let rows: [JSON] = kinds.compactMap { name, family, page in
      let isWanted = { (series: Series) in page == nil || series["page"] == page }
      guard table.series(of: "\(family)_count").contains(where: { isWanted($0.series) }) else {
        return nil
      }
      return .object([
        ("wait", .string(name)),
        ("per_second", JSON(minute?.rate("\(family)_count", where: isWanted))),
        ("busy_seconds_per_second", JSON(minute?.rate("\(family)_sum", where: isWanted))),
        ("median_seconds", median(minute?.buckets(family, where: isWanted))),
      ])
    }
    return rows.isEmpty ? .null : .array(rows)
  }

  // MARK: As it is now

  private func total(_ family: String) -> Double? {
    let values = table.series(of: family).compactMap { latest?[$0.place] }
    return values.isEmpty ? nil : values.reduce(0, +)
  }

  private func totals(_ family: String, by label: String) -> [String: Double] {
    var totals: [String: Double] = [:]
    for (series, place) in table.series(of: family) {
      guard let name = series[label], let value = latest?[place] else { continue }
      totals[name, default: 0] += value
    }
    return totals
  }

  private var nodes: [JSON] {
    let infos = table.series(of: "pagemigration_node_info")
      .filter { latest?[$0.place] != nil }.map(\.series)
    let families = ["memory_bytes", "free_pages", "pages_promoted_total", "pages_demoted_total"]
      .map { totals("pagemigration_node_\($0)", by: "numa_node") }
    let promoted = minute?.rates("pagemigration_node_pages_promoted_total", by: "numa_node")
    let demoted = minute?.rates("pagemigration_node_pages_demoted_total", by: "numa_node")
    let pageSize = total("pagemigration_page_size_bytes")
    return
      infos.compactMap { info in info["numa_node"].flatMap { Int($0) }.map { ($0, info) } }
      .sorted { $0.0 < $1.0 }
      .map { number, info in
        let node = "\(number)"
        let free = families[1][node].flatMap { pages in pageSize.map { pages * $0 } }
        return .object([
          ("node", .integer(UInt64(clamping: number))),
          ("memory_tier", info["memory_tier"].flatMap { UInt64($0) }.map(JSON.integer) ?? .null),
          ("has_cpu", flag(info["has_cpu"])), ("has_memory", flag(info["has_memory"])),
          ("memory_bytes", JSON(families[0][node])), ("free_bytes", JSON(free)),
          ("promoted_to_per_second", JSON(promoted?[node])),
          ("promoted_to_total", JSON(families[2][node])),
          ("demoted_from_per_second", JSON(demoted?[node])),
          ("demoted_from_total", JSON(families[3][node])),
        ])
      }
  }

  private func flag(_ label: String?) -> JSON {
    label == "true" ? .bool(true) : label == "false" ? .bool(false) : .null
  }

  /// By the names of their metrics: a number, or the choice that is made.
  private var settings: [(String, JSON)] {
    let numbers = [
      "numa_balancing_mode", "demotion_enabled", "promotion_rate_limit_bytes_per_second",
      "compaction_proactiveness", "watermark_scale_factor", "min_free_bytes", "defrag_mode",
    ].compactMap { name in total("pagemigration_\(name)").map { (name, JSON.number($0)) } }
    let choices = ["thp_policy", "thp_defrag"].compactMap { name in
      totals("pagemigration_\(name)", by: "policy").first { $0.value == 1 }
        .map { (name, JSON.string($0.key)) }
    }
    return numbers + choices
  }
}

extension Growth {
  /// The part of the hint faults that met memory on their own node. Nil without faults.
  fileprivate var locality: Double? {
    guard let faults = rate("pagemigration_numa_hint_faults_total"), faults > 0,
      let local = rate("pagemigration_numa_hint_faults_local_total")
    else { return nil }
    return min(1, local / faults)
  }
}
