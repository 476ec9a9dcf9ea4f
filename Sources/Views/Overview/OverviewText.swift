internal import PageMigration
internal import System

/// The overview as text: what one wants to see at 3 a.m.
package struct OverviewText {
  private let overview: Overview

  package init(_ overview: Overview) { self.overview = overview }

  package var text: String {
    var lines = [heading, "", OverviewSentence(overview).text, ""]
    lines += table
    lines += OverviewReasons(overview.reasons).lines
    lines += [
      "", "Rates are per second; - is what is not known (yet). More: /metrics, /rates?format=json",
    ]
    return lines.joined(separator: "\n") + "\n"
  }

  private var heading: String {
    let facts = overview.facts
    var parts = ["page-migration-exporter \(overview.version)"]
    if let host = facts.hostName { parts.append("host \(host)") }
    if let release = facts.kernelRelease { parts.append("kernel \(release)") }
    if let view = overview.view {
      parts.append("sampled every \(view.sampled.interval.spelled)")
    }
    return parts.joined(separator: "  ")
  }

  private var table: [String] {
    let header =
      ["", "total", "now"] + overview.windows.map(\.label) + peaks.map { "peak \($0.label)" }
    var rows = [header]
    let pageSize = Double(overview.facts.pageSize)
    rows.append(row("pages migrated", .pagesMigrated, Readable.number) { "\($0)" })
    rows.append(
      row("bytes migrated", .pagesMigrated, { Readable.bytes($0 * pageSize) }) {
        Readable.bytes(Double($0) * pageSize)
      })
    rows.append(row("pages failed", .pagesFailed, Readable.number) { "\($0)" })
    rows.append(failureShareRow)
    rows.append(row("THPs migrated", .thpMigrated, Readable.number) { "\($0)" })
    rows.append(row("THPs split", .thpSplit, Readable.number) { "\($0)" })
    rows.append(lostRow)
    return aligned(rows)
  }

  private func row(
    _ name: String, _ counter: SampledCounter, _ rate: (Double) -> String,
    total: (UInt64) -> String
  ) -> [String] {
    let rates = overview.rates(counter)
    let values =
      [rates.latest] + overview.windows.map(rates.mean) + peaks.map(rates.maximum)
    return [name, overview.total(counter).map(total) ?? "-"] + values.map { $0.map(rate) ?? "-" }
  }

  private var failureShareRow: [String] {
    ["failure share"]
      + overview.columns(overview.windows).map {
        overview.failureShare($0).map(Readable.percent) ?? "-"
      }
      + withoutPeaks
  }

  private var lostRow: [String] {
    let shown = overview.columns(overview.windows).map { column in
      overview.lostTHPs(column).map {
        column.name == "total" ? "\(UInt64(exactly: $0) ?? .max)" : Readable.number($0)
      } ?? "-"
    }
    return ["THPs lost"] + shown + withoutPeaks
  }

  /// A share or a loss of peaks would mix intervals: none is shown.
  private var withoutPeaks: [String] { peaks.map { _ in "" } }

  private var peaks: [RateWindow] { RateWindow.withMaximum.filter(overview.windows.contains) }
}
