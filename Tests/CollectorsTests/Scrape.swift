import Collectors
import Exposition
import KernelText
import Synchronization
import System
import TestSupport

/// What one scrape of some collectors gives, without the metrics of the exporter itself.
struct Scrape {
  /// The lines of metrics.
  let metrics: [String]
  /// The lines of HELP and TYPE.
  let headers: [String]
  /// `vmstat: failed: …`, as the log would have it.
  let reports: [String]

  /// The lines of a metric.
  func values(_ name: String) -> [String] {
    metrics.filter { $0.hasPrefix("\(name) ") || $0.hasPrefix("\(name){") }
  }

  func succeeded(_ collector: String) -> Bool? {
    let name = "pagemigration_scrape_collector_success{collector=\"\(collector)\"} "
    return metrics.first { $0.hasPrefix(name) }.map { $0.hasSuffix(" 1") }
  }
}

/// Collectors that are scraped again and again.
final class Scraper: Sendable {
  let gatherer: Gatherer
  private let reports: Reports

  init(_ collectors: sending [any Collector]) {
    let reports = Reports()
    self.reports = reports
    gatherer = Gatherer(collectors, exporter: ExporterMetrics(.test)) { collector, outcome in
      switch outcome {
      case .failed(let reason): reports.add("\(collector): failed: \(reason)")
      case .recovered: reports.add("\(collector): recovered")
      }
    }
  }

  convenience init(_ tree: TemporaryTree) {
    let paths = KernelPaths(procfs: tree.procfs, sysfs: tree.sysfs)
    self.init([VmstatCollector(paths), NodeCollector(paths), SettingsCollector(paths)])
  }

  /// One exposition.
  func text(
    _ format: ExpositionFormat = .plainText, within time: Duration = .seconds(60),
    where selected: (Int) -> Bool = { _ in true }
  ) -> String {
    var bytes: [UInt8] = []
    gatherer.gather(format, into: &bytes, deadline: .now + time, where: selected)
    return String(decoding: bytes, as: UTF8.self)
  }

  func scrape(
    within time: Duration = .seconds(60), where selected: (Int) -> Bool = { _ in true }
  ) -> Scrape {
    let text = text(within: time, where: selected)
    let lines = text.split(separator: "\n").map { String($0) }
    return Scrape(
      metrics: lines.filter { !$0.hasPrefix("#") }, headers: lines.filter { $0.hasPrefix("#") },
      reports: reports.take())
  }
}

extension BuildFacts {
  static let test = BuildFacts(
    version: "1", revision: "r", swiftVersion: "s", libmicrohttpdVersion: "m")
}

private final class Reports: Sendable {
  private let lines = Mutex<[String]>([])

  func add(_ line: String) { lines.withLock { $0.append(line) } }

  func take() -> [String] {
    lines.withLock { lines in
      defer { lines = [] }
      return lines
    }
  }
}
