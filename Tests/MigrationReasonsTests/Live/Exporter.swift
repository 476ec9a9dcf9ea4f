import Foundation
import Testing

/// The exporter, serving on a port of its own until this goes.
final class Exporter {
  let log: [String]
  private let child: Child
  private let address: String

  init(_ flags: String...) throws {
    child = try Child(
      "page-migration-exporter", ["serve", "--web.listen-address=127.0.0.1:0"] + flags,
      tells: .errors)
    var log: [String] = []
    while let line = child.line() {
      log.append(line)
      if line.contains("msg=ready") { break }
    }
    self.log = log
    let listening = try #require(log.first { $0.contains("msg=listening") })
    address = try #require(listening.split(separator: "address=").last.map(String.init))
  }

  var identifier: pid_t { child.identifier }

  /// The values of one scrape, by metric and labels.
  func scrape() throws -> [String: Double] {
    let lines = try Child("/usr/bin/curl", ["-sS", "http://\(address)/metrics"]).lines()
    return lines.filter { !$0.hasPrefix("#") }.reduce(into: [:]) { values, line in
      guard let space = line.lastIndex(of: " ") else { return }
      values[String(line[..<space])] = Double(line[line.index(after: space)...])
    }
  }

  func killAtOnce() {
    child.signal(SIGKILL)
    child.waitUntilExit()
  }
}
