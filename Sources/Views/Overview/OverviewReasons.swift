package import MigrationReasons
internal import System

/// What the probe counted, at one instant.
package struct ReasonsView: Sendable {
  let totals: [ReasonTotals]
  let modes: [String]
  /// When counting began.
  let attached: UnixTime

  package init(_ probe: SharedProbe) {
    var totals: [ReasonTotals] = []
    modes = probe.read(into: &totals)
    self.totals = totals
    attached = probe.attached
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
      guard !active.isEmpty else { return ["", "No migration since the exporter was started."] }
      let header = ["reason, since the start", "pages", "share", "failed", "calls", "median"]
      return [""] + aligned([header] + active.map { row($0, of: view.totals) }) + causes(active)
    }
  }

  /// Why pages did not move, the most frequent cause of each reason first. Empty where it is not
  /// known, or all moved.
  private func causes(_ active: [ReasonTotals]) -> [String] {
    let rows: [[String]] = active.flatMap { reason -> [[String]] in
      guard let failed = reason.failed else { return [] }
      let causes = zip(FailureCause.allCases, failed.causes).filter { $0.1 > 0 }
      return causes.sorted { $0.1 > $1.1 }.map { cause, pages -> [String] in
        let share = Double(pages) / Double(reason.pagesFailed)
        return [reason.reason, cause.rawValue, "\(pages)", Readable.percent(share)]
      }
    }
    guard !rows.isEmpty else { return [] }
    return [""] + aligned([["failed for", "cause", "pages", "share"]] + rows)
  }

  private func row(_ reason: ReasonTotals, of all: [ReasonTotals]) -> [String] {
    [
      reason.reason, "\(reason.pagesMigrated)",
      reason.share(of: all).map(Readable.percent) ?? "-", "\(reason.pagesFailed)",
      "\(reason.calls.reduce(0, &+))",
      reason.medianDuration.map(Readable.duration) ?? "-",
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
      ])
    }
  }

  /// Null where causes are not counted.
  private func named(_ names: [String], _ pages: [UInt64]?) -> JSON {
    pages.map { .object(zip(names, $0).map { ($0, .integer($1)) }) } ?? .null
  }

  private func total(_ reason: ReasonTotals, _ view: ReasonsView) -> JSON {
    .object([
      ("reason", .string(reason.reason)),
      ("calls", .object(zip(view.modes, reason.calls).map { ($0, .integer($1)) })),
      ("pages_migrated", .integer(reason.pagesMigrated)),
      ("pages_failed", .integer(reason.pagesFailed)),
      ("causes", named(FailureCause.allCases.map(\.rawValue), reason.failed?.causes)),
      ("kinds", named(FailureKind.allCases.map(\.rawValue), reason.failed?.kinds)),
      ("thp_migrated", .integer(reason.thpMigrated)),
      ("thp_failed", .integer(reason.thpFailed)),
      ("thp_split", .integer(reason.thpSplit)),
      ("folios_split", .integer(reason.foliosSplit)),
      ("share", JSON(reason.share(of: view.totals))),
      ("timed_calls", .integer(reason.durationBuckets.reduce(0, &+))),
      ("duration_seconds_sum", .seconds(reason.duration)),
      ("duration_seconds_median", JSON(reason.medianDuration?.inSeconds)),
    ])
  }
}
