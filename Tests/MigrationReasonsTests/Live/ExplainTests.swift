import Glibc
import TestSupport
import Testing

extension `Live kernel` {
  @Suite(.needs(.causes)) struct `explain` {
    @Test(.timeLimit(.minutes(10)))
    func `names pins first in a storm of compactions, and who pins; then it is silent`()
      throws
    {
      // Where the file cache fills memory, compaction ends before it comes to the pins.
      _ = try Command.run(["sh", "-c", "echo 1 > /proc/sys/vm/drop_caches"])
      let pins = try Workload.keep("pinned-low", "256")
      let storm = try ChildProcess([
        "sh", "-c", "while :; do echo 1 > /proc/sys/vm/compact_memory; sleep 0.2; done",
      ])
      let found = try explained()
      let sentence = found.split(separator: "\n").dropFirst().first ?? ""
      #expect(sentence.hasSuffix(": Pinned pages keep the kernel from moving memory."), "\(found)")
      let tried = try #require(found.firstMatch(of: #/ try: +(.*)/#)).1
      let who = try Command.run(["sh", "-c", String(tried)]).text
      #expect(who.contains("/proc/\(pins.process.pid)/status:VmPin:"), "\(who)")

      pins.process.send(SIGKILL)
      _ = try pins.process.wait(limitSeconds: 60)
      #expect(try !explained().contains("Pinned pages"))
      withExtendedLifetime(storm) {}
    }

    private func explained() throws -> String {
      let run = try Exporter.run("explain", "--collector.causes", "--window=10s")
      guard run.status == .exit(0) || run.status == .exit(2) else { throw Failure(run.errors) }
      return run.text
    }
  }
}
