import TestSupport
import Testing

@Suite struct `make demo` {
  @Test(.needs(.root)) func `shows where to look, and leaves nothing behind`() throws {
    let result = try Command.run(
      ["bash", "\(Repository.root)/Tests/Demo/run"],
      environment: [
        "EXPORTER": Exporter.path, "DEMO_SECONDS": "6",
        "PROVOKE": Exporter.path.replacing("page-migration-exporter", with: "provoke"),
      ], limitSeconds: 120)
    #expect(result.status == .exit(0), "\(result.errors)")
    let url = try #require(result.text.firstMatch(of: /curl (http:\/\/127\.0\.0\.1:\d+)\/\n/)?.1)
    for words in ["--- 6 rows in ", "And in plain words:", "The demo has ended"] {
      #expect(result.text.contains(words), "\(result.text)")
    }
    // What it said to look at is gone with it.
    let after = try Exporter.run("health", "--url", "\(url)")
    #expect(after.status == .exit(1))
  }

  @Test func `is ended by Ctrl-C`() throws {
    let demo = try ChildProcess(
      ["bash", "\(Repository.root)/Tests/Demo/run"],
      environment: ["EXPORTER": Exporter.path, "PROVOKE": "/bin/false"])
    try waitUntil("it has begun") {
      String(decoding: try demo.output(), as: UTF8.self).contains("time ")
    }
    demo.send(2)
    #expect(try demo.wait(limitSeconds: 10) == .exit(0))
    #expect(String(decoding: try demo.output(), as: UTF8.self).contains("The demo has ended"))
  }
}
