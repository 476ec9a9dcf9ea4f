package import KernelText
package import MigrationReasons
internal import System

/// What the probe counted, at one instant.
package struct ReasonsView: Sendable {
  let totals: [ReasonTotals]
  let modes: [String]
  /// When counting began.
  let attached: UnixTime
  let slowest: [NamedSlowCall]

  package init(_ probe: SharedProbe, _ finder: inout CgroupFinder) {
    var totals: [ReasonTotals] = []
    modes = probe.read(into: &totals)
    self.totals = totals
    attached = probe.attached
    slowest = [NamedSlowCall](probe.slowestCalls(), &finder)
  }

  /// The reasons that occurred, the one that moved most pages first.
  var active: [ReasonTotals] {
    totals.filter { $0.pagesMigrated + $0.pagesFailed > 0 }
      .sorted { ($0.pagesMigrated, $0.pagesFailed) > ($1.pagesMigrated, $1.pagesFailed) }
  }
}

/// The part of the overview that says why pages move.
package struct OverviewReasons {
  private let reasons: Result<ReasonsView, ReasonsUnavailable>?

  /// - Parameter reasons: nil where they were not asked for.
  package init(_ reasons: Result<ReasonsView, ReasonsUnavailable>?) { self.reasons = reasons }

  /// Empty where they were not asked for.
  package var lines: [String] {
    switch reasons {
    case nil: return []
    case .failure(let problem): return ["", "Reasons are not known: \(problem)"]
    case .success(let view):
      let active = view.active
      guard !active.isEmpty else { return ["", "No migration since the exporter started."] }
      let header = ["reason, since the start", "pages", "share", "failed", "calls", "median"]
      return [""] + aligned([header] + active.map { row($0, of: view.totals) }) + causes(active)
        + view.slowest.lines
    }
  }

  /// Why pages did not move, the most frequent cause of each reason first. Empty where it is not
  /// known, or all moved.
  private func causes(_ active: [ReasonTotals]) -> [String] {
    let rows: [[String]] = active.flatMap { totals -> [[String]] in
      guard let failed = totals.failed else { return [] }
      let causes = zip(FailureCause.allCases, failed.causes).filter { $0.1 > 0 }
      return causes.sorted { $0.1 > $1.1 }.map { cause, pages -> [String] in
        let share = Double(pages) / Double(totals.pagesFailed)
        return [totals.reason, cause.rawValue, "\(pages)", Readable.percent(share)]
      }
    }
    guard !rows.isEmpty else { return [] }
    return [""] + aligned([["failed for", "cause", "pages", "share"]] + rows)
  }

  private func row(_ totals: ReasonTotals, of all: [ReasonTotals]) -> [String] {
    [
      totals.reason, "\(totals.pagesMigrated)",
      totals.share(of: all).map(Readable.percent) ?? "-", "\(totals.pagesFailed)",
      "\(totals.calls.reduce(0, &+))",
      totals.medianDuration.map(Readable.duration) ?? "-",
    ]
  }

  /// Null where they were not asked for.
  var json: JSON {
    switch reasons {
    case nil: .null
    case .failure(let problem): .object([("error", .string("\(problem)"))])
    case .success(let view):
      .object([
        ("error", .null),
        ("attached", .seconds(view.attached.sinceEpoch)),
        ("totals", .array(view.totals.map { total($0, view) })),
        ("slowest_calls", view.slowest.json),
      ])
    }
  }

  /// Null where causes are not counted.
  private func named(_ names: [String], _ pages: [UInt64]?) -> JSON {
    pages.map { .object(zip(names, $0).map { ($0, .integer($1)) }) } ?? .null
  }

  private func total(_ totals: ReasonTotals, _ view: ReasonsView) -> JSON {
    .object([
      ("reason", .string(totals.reason)),
      ("calls", .object(zip(view.modes, totals.calls).map { ($0, .integer($1)) })),
      ("pages_migrated", .integer(totals.pagesMigrated)),
      ("pages_failed", .integer(totals.pagesFailed)),
      ("causes", named(FailureCause.allCases.map(\.rawValue), totals.failed?.causes)),
      ("kinds", named(FailureKind.allCases.map(\.rawValue), totals.failed?.kinds)),
      ("thp_migrated", .integer(totals.thpMigrated)),
      ("thp_failed", .integer(totals.thpFailed)),
      ("thp_split", .integer(totals.thpSplit)),
      ("folios_split", .integer(totals.foliosSplit)),
      ("share", JSON(totals.share(of: view.totals))),
      ("timed_calls", .integer(totals.durationBuckets.reduce(0, &+))),
      ("duration_seconds_sum", .seconds(totals.duration)),
      ("duration_seconds_median", JSON(totals.medianDuration?.inSeconds)),
    ])
  }
}
