import KernelText
import Testing

@Suite struct `A line of a thread's sched` {
  @Test(
    arguments: [
      ("numa_pages_migrated                          :                   12", .pagesMigrated(12)),
      ("total_numa_faults                            :                    0", .faults(0)),
      ("numa_preferred_nid                           :                    3", .preferredNode(3)),
      ("numa_preferred_nid                           :                   -1", .preferredNode(nil)),
      ("se.sum_exec_runtime                          :             0.585592", .other),
      ("numa_faults node=0 task_private=0 task_shared=0", .other), ("", .other), ("---", .other),
      ("numa_pages_migrated", .other), ("a (7, #threads: 2)", .other),
    ] as [(String, SchedulerLine)])
  func `tells what NUMA balancing knows of it`(line: String, expected: SchedulerLine) throws {
    #expect(try SchedulerLine(parsing: Array(line.utf8).span) == expected)
  }

  @Test(arguments: ["", "x", "-5", "1.5", "18446744073709551616", "9223372036854775807"])
  func `is refused where its number is none`(value: String) {
    for name in ["numa_pages_migrated", "total_numa_faults", "numa_preferred_nid"] {
      #expect(throws: MalformedLine.Problem.notANumber) {
        try SchedulerLine(parsing: Array("\(name) : \(value)".utf8).span)
      }
    }
  }
}

@Suite struct `The memory policy of a mapping` {
  @Test(arguments: [
    ("1000 default", "default"), ("1000 bind:0-1 anon=1 N0=1 kernelpagesize_kB=4", "bind:0-1"),
    ("1000 prefer (many):0-1 heap", "prefer (many):0-1"), ("1000 prefer:1 heap", "prefer:1"),
    ("1000 prefer (many)=static:0-1", "prefer (many)=static:0-1"),
    ("1000 weighted interleave:0-1 stack", "weighted interleave:0-1"), ("1000 prefer", "prefer"),
    ("1000 weighted heap", "weighted"), ("1000 ", ""),
  ])
  func `is told as the kernel writes it`(line: String, policy: String) throws {
    #expect(try NumaMapping(parsing: Array(line.utf8).span).policy == policy)
  }
}
