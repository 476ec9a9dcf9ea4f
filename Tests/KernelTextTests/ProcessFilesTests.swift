import KernelText
import TestSupport
import Testing

@Suite struct `What a process knows of itself` {
  @Test func `is its memory, as /proc/self/status has it`() throws {
    var files = ProcessFiles()
    let read = files.memory()
    let memory = try #require(read)
    let status = try Files.text("/proc/self/status")
    let resident = try #require(kilobytes("VmRSS:", in: status)) * 1024
    #expect(memory.virtual > memory.resident)
    // Other tests run meanwhile.
    #expect(abs(Int64(memory.resident) - resident) < 64 << 20)
  }

  @Test func `is when it was started`() throws {
    var files = ProcessFiles()
    let read = files.startTime()
    let start = try #require(read)
    #expect(start < Clocks.realtime())
    #expect(Clocks.realtime() - start < 3600 * 1_000_000_000)
  }

  @Test func `is its clocks, which do not go back`() {
    for clock in [Clocks.monotonic, Clocks.boottime, Clocks.processCPU] {
      let first = clock()
      #expect(clock() >= first)
    }
    #expect(Clocks.realtime() > 1_700_000_000_000_000_000)
    let monotonic = Clocks.monotonic()
    #expect(Clocks.boottime() >= monotonic)
  }

  private func kilobytes(_ name: String, in status: String) -> Int64? {
    status.split(separator: "\n").first { $0.hasPrefix(name) }?
      .split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int64($0) }
  }
}
