import KernelText
import Testing

@Suite struct `A node's memory` {
  @Test(arguments: [
    ("Node 1 MemTotal:        1030836 kB\nNode 1 MemFree:  1 kB\n", 1_055_576_064),
    ("Node 0 MemTotal:              0 kB\n", 0),
    ("Node 0 MemTotal: 1 kB", nil), ("", nil), ("\n", nil), ("Node 0 MemTotal: 1 MB\n", nil),
    ("Node 0 MemFree: 1 kB\n", nil), ("Node 0 MemTotal: -1 kB\n", nil),
    ("Node 0 MemTotal: 18446744073709551615 kB\n", nil), ("Node\nMemTotal: 1 kB\n", nil),
  ])
  func `is told by the first line of meminfo`(_ text: String, _ bytes: UInt64?) {
    #expect(NodeMemory.bytes(Array(text.utf8).span) == bytes)
  }
}
