internal import PageMigration
internal import System

/// The overview as JSON. Its schema is a promise, written down in REFERENCE.md; what is not known is
/// null.
package struct OverviewJSON {
  private let overview: Overview
  private let history: Duration?
  private let trends: [(String, JSON)]

  /// - Parameters:
  ///   - history: how far back it goes. Nil for none.
  ///   - trends: members that are added.
  package init(_ overview: Overview, history: Duration?, trends: [(String, JSON)] = []) {
    self.overview = overview
    self.history = history
    self.trends = trends
  }

  package var text: String {
    let facts = overview.facts
    var members: [(String, JSON)] = [
      ("schema", .integer(1)),
      ("version", .string(overview.version)),
      ("started", .seconds(overview.started.sinceEpoch)),
      ("host", .init(facts.hostName)),
      ("kernel", .init(facts.kernelRelease)),
      ("time", .seconds(overview.unixTime.sinceEpoch)),
      ("monotonic_seconds", .seconds(overview.time.sinceBoot)),
      ("summary", .string(OverviewSentence(overview).text)),
      ("page_size_bytes", .integer(facts.pageSize)),
      ("thp_size_bytes", facts.thpSize.map(JSON.integer) ?? .null),
      ("thp_failed_includes_split", facts.failedIncludesSplit.map(JSON.bool) ?? .null),
      ("sampler", sampler),
      ("counters", .object(SampledCounter.allCases.map { ($0.name, counter($0)) })),
      ("derived", derived),
      ("vmstat", vmstat),
      ("reasons", OverviewReasons(overview.reasons).json),
    ]
    if let history { members.append(("history", samples(history))) }
    members += trends
    return JSON.object(members).text + "\n"
  }

  private var sampler: JSON {
    guard let view = overview.view else { return .null }
    return .object([
      ("interval_seconds", .seconds(view.sampled.interval)),
      ("late_total", .integer(view.missed)),
      ("resets_total", .integer(view.sampled.resets)),
      ("error", .init(view.failure.map { "\($0)" })),
    ])
  }

  private func counter(_ counter: SampledCounter) -> JSON {
    let rates = overview.rates(counter)
    let means = RateWindow.allCases.map { ($0.label, JSON(rates.mean($0))) }
    return .object([
      ("total", overview.total(counter).map(JSON.integer) ?? .null),
      ("per_second", .object([("now", JSON(rates.latest))] + means)),
      (
        "per_second_max",
        .object(RateWindow.withMaximum.map { ($0.label, JSON(rates.maximum($0))) })
      ),
    ])
  }

  /// What follows from several counters, in the columns that these have. A peak has none: it would
  /// mix intervals.
  private var derived: JSON {
    let columns = overview.columns(RateWindow.allCases)
    func object(_ value: (Overview.Column) -> Double?) -> JSON {
      .object(columns.map { ($0.name, JSON(value($0))) })
    }
    return .object([
      ("bytes_migrated", object { overview.bytesMigrated($0) }),
      ("pages_tried", object { overview.pagesTried($0) }),
      ("failure_share", object { overview.failureShare($0) }),
      ("thp_lost", object { overview.lostTHPs($0) }),
    ])
  }

  /// The kernel's own names and numbers.
  private var vmstat: JSON {
    .object(
      MigrationCounter.allCases.compactMap { counter in
        overview.snapshot[counter].map { (counter.rawValue, .integer($0)) }
      })
  }

  /// The intervals that ended within `span`, oldest first.
  private func samples(_ span: Duration) -> JSON {
    guard let intervals = overview.view?.sampled.history else { return .array([]) }
    return .array(
      intervals.filter { overview.time - $0.end <= span }.map { interval in
        // Monotonic times become those of the calendar by what lies between the clocks now.
        let end = overview.unixTime - (overview.time - interval.end)
        return .object(
          [("time", .seconds(end.sinceEpoch)), ("seconds", .seconds(interval.elapsed))]
            + SampledCounter.allCases.map { counter in
              (counter.name, interval.increase[counter].map(JSON.integer) ?? .null)
            })
      })
  }
}
