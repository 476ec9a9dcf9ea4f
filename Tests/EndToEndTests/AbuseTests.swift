import TestSupport
import Testing

/// Tests/Faults/abuse does what it can to an exporter, and scrapes it meanwhile.
@Suite struct `Abuse over HTTP` {
  /// All of it on a release build, and a twentieth on one that is not.
  private static let scale = Environment.value("EXPORTER") == nil ? 20 : 1

  @Test(.timeLimit(.minutes(5)))
  func `keeps no scrape waiting, and leaves nothing behind`() throws {
    let exporter = try ServingExporter(["--web.head-timeout=3s", "--web.answer-timeout=3s"])
    // Each of them keeps a file of its own open from its first answer on.
    for path in ["/metrics", "/rates", "/explain"] {
      #expect(try exporter.get(path).status == 200)
    }
    let before = try openFiles(of: exporter.process.pid).count
    let abuse = try Command.run(
      [
        "python3", "\(Repository.root)/Tests/Faults/abuse", exporter.address,
        "\(100_000 / Self.scale)", "\(1000 / Self.scale)",
      ], limitSeconds: 280)
    let peak = try peakMemory(of: exporter)
    print("\(abuse.text)memory \(peak) kB at most")
    #expect(abuse.status == .exit(0), "\(abuse.errors)")

    let scrapers = abuse.text.matches(
      of: /scraper 127\.0\.0\.([12]) answered (\d+) of (\d+) slowest (\d+) ms/)
    #expect(scrapers.count == 2)
    for scraper in scrapers {
      let (answered, asked) = (Int(scraper.2)!, Int(scraper.3)!)
      // The abusers have the first one's address: once its connection may be the one that makes room.
      #expect(answered >= 10 && answered >= asked - (scraper.1 == "1" ? 1 : 0))
      // On a machine of its own some milliseconds; here all the abusers run beside it.
      #expect(Int(scraper.4)! < 5000)
    }
    if Self.scale == 1 { #expect(peak < 64 << 10) }
    try waitUntil("all connections are closed") {
      try openFiles(of: exporter.process.pid).count <= before
    }
    // Whatever status a client has seen is counted; 100 (Continue) comes before an answer and is none.
    let text = try exporter.get("/metrics").text
    for status in abuse.text.matches(of: #/ ([2-5]\d\d):(\d+)/#) {
      let pattern = "\npagemigration_http_requests_total{code=\"\(status.1)\"} "
      let counted = text.split(separator: pattern, maxSplits: 1).last?.prefix { $0 != "\n" }
      #expect(counted.flatMap { Int($0) } ?? 0 >= Int(status.2)!, "\(status.0)")
    }
    #expect(try exporter.stop() == .exit(0))
  }

  private func peakMemory(of exporter: ServingExporter) throws -> Int {
    let status = try Files.text("/proc/\(exporter.process.pid)/status")
    return Int(try #require(status.firstMatch(of: /VmHWM:\s+(\d+) kB/)).1)!
  }
}
