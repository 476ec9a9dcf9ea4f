import KernelText
import System
import TestSupport
import Testing

@Suite struct `What a process knows of itself` {
  @Test func `is its memory, as /proc/self/status has it`() throws {
    var process = OwnProcess()
    let read = process.memory()
    let memory = try #require(read)
    let status = try Files.text("/proc/self/status")
    let resident = try #require(kilobytes("VmRSS:", in: status)) * 1024
    #expect(memory.virtual > memory.resident)
    // Other tests run meanwhile.
    #expect(abs(Int64(memory.resident) - resident) < 64 << 20)
  }

  @Test func `is when it was started`() throws {
    let start = try #require(OwnProcess.startTime())
    #expect(start < .now)
    #expect(start > .now - .seconds(3600))
  }

  private func kilobytes(_ name: String, in status: String) -> Int64? {
    status.split(separator: "\n").first { $0.hasPrefix(name) }?
      .split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int64($0) }
  }
}
