import Glibc
import TestSupport
import Testing

extension `Live kernel` {
  @Suite(.needs(.causes)) struct `explain` {
    @Test(.timeLimit(.minutes(10)))
    func `names pins first in a storm of compactions, and who pins; then it is silent`()
      throws
    {
      let pins = try pinsInTheWay()
      let storm = try ChildProcess([
        "sh", "-c", "while :; do echo 1 > /proc/sys/vm/compact_memory; sleep 0.2; done",
      ])
      let found = try explained()
      let sentence = found.split(separator: "\n").dropFirst().first ?? ""
      #expect(sentence.hasSuffix(": Pinned pages keep the kernel from moving memory."), "\(found)")
      let tried = try #require(found.firstMatch(of: #/ try: +(.*)/#)).1
      let who = try Command.run(["sh", "-c", String(tried)]).text
      for process in pins {
        #expect(who.contains("/proc/\(process.pid)/status:VmPin:"), "\(who)")
        process.send(SIGKILL)
      }
      for process in pins { _ = try process.wait(limitSeconds: 60) }
      #expect(try !explained().contains("Pinned pages"))
      withExtendedLifetime(storm) {}
    }

    /// Pins that compaction comes to. As long as it does not, more are laid beside them.
    private func pinsInTheWay() throws -> [ChildProcess] {
      // Where the file cache fills memory, compaction ends before it comes to them.
      _ = try Command.run(
        ["sh", "-c", "sync; echo 1 > /proc/sys/vm/drop_caches"], limitSeconds: 60)
      var processes: [ChildProcess] = []
      while processes.count < 8 {
        let (process, count) = try Workload.keep("pinned-low", "256")
        processes.append(process)
        let before = try failures()
        try Machine.compact()
        if try failures() - before >= UInt64(count / 2) { return processes }
      }
      throw Failure("compaction does not come to pinned pages")
    }

    private func failures() throws -> UInt64 {
      try #require(try Machine.vmstat()["pgmigrate_fail"])
    }

    private func explained() throws -> String {
      let run = try Exporter.run("explain", "--collector.causes", "--window=10s")
      guard run.status == .exit(0) || run.status == .exit(2) else { throw Failure(run.errors) }
      return run.text
    }
  }
}
