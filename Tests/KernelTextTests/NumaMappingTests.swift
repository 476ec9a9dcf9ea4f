import KernelText
import TestSupport
import Testing

@Suite struct `A line of numa_maps` {
  @Test(arguments: [
    ("7f3bbe4fb000 default", "7f3bbe4fb000 anon -"),
    (
      "00401000 default file=/usr/bin/busybox mapped=308 mapmax=2 N0=308 kernelpagesize_kB=4",
      "401000 file 4096 0:1261568"
    ),
    (
      "3a724000 default heap anon=10 dirty=10 active=0 N0=10 kernelpagesize_kB=4",
      "3a724000 heap 4096 0:40960"
    ),
    (
      "7ffd3c601000 default stack anon=4 dirty=4 active=1 N0=1 N3=3 kernelpagesize_kB=4",
      "7ffd3c601000 stack 4096 0:4096 3:12288"
    ),
    // Two THPs: counted in base pages.
    (
      "7f6112400000 bind:1 anon=1024 dirty=1024 active=0 N1=1024 kernelpagesize_kB=4",
      "7f6112400000 anon 4096 1:4194304"
    ),
    // Hugetlb: counted in huge pages.
    (
      #"7f6112200000 bind:1 file=/anon_hugepage\040(deleted) huge anon=1 N1=3 kernelpagesize_kB=2048"#,
      "7f6112200000 hugetlb 2097152 1:6291456"
    ),
    (
      "7f0000000000 default file=/mnt/huge/a huge dirty=2 N0=2 kernelpagesize_kB=1048576",
      "7f0000000000 hugetlb 1073741824 0:2147483648"
    ),
    // Base pages of 64 KiB, as on arm64.
    (
      "ffff0000 default anon=2 dirty=2 N0=2 kernelpagesize_kB=64",
      "ffff0000 anon 65536 0:131072"
    ),
    // A policy of two words, and one with flags.
    ("1000 prefer (many):0-1 heap N0=1 kernelpagesize_kB=4", "1000 heap 4096 0:4096"),
    ("1000 weighted interleave:0-1 N1=1 kernelpagesize_kB=4", "1000 anon 4096 1:4096"),
    ("1000 bind=static|balancing:0,2 N2=1 kernelpagesize_kB=4", "1000 anon 4096 2:4096"),
    // What a file is named is no field: spaces and equals signs are written as octal numbers.
    (
      #"1000 default file=/tmp/N7\0757\040heap\040huge mapped=1 N0=1 kernelpagesize_kB=4"#,
      "1000 file 4096 0:4096"
    ),
    ("1000 default file= mapped=1 N0=1 kernelpagesize_kB=4", "1000 file 4096 0:4096"),
    // Fields that a later kernel may add, and words that are almost known ones.
    (
      "1000 default Nx=3 N=2 stack:12 heaps N1=1 new=9 kernelpagesize_kB=4",
      "1000 anon 4096 1:4096"
    ),
    (
      "ffffffffffffffff default N999999999=1 kernelpagesize_kB=4",
      "ffffffffffffffff anon 4096 999999999:4096"
    ),
    ("1000 default N1234567890=1", "1000 anon -"),
    (
      "1000 default N0=18014398509481983 kernelpagesize_kB=1",
      "1000 anon 1024 0:18446744073709550592"
    ),
  ])
  func `tells the kind and the bytes on each node`(line: String, expected: String) throws {
    #expect(summary(try NumaMapping(parsing: line.utf8.span)) == expected)
  }

  @Test(arguments: [
    ("", MalformedLine.Problem.noAddress),
    (" 1000 default", .noAddress),
    ("1000", .noAddress),
    ("zzz default", .noAddress),
    ("12345678123456781 default", .noAddress),
    ("1000 default N0=x kernelpagesize_kB=4", .notANumber),
    ("1000 default N0= kernelpagesize_kB=4", .notANumber),
    ("1000 default N0=-1 kernelpagesize_kB=4", .notANumber),
    ("1000 default N0=99999999999999999999 kernelpagesize_kB=4", .notANumber),
    ("1000 default N0=1 kernelpagesize_kB=", .notANumber),
    ("1000 default N0=1", .noPageSize),
    ("1000 default N0=18014398509481985 kernelpagesize_kB=1", .tooLarge),
    ("1000 default N0=1 kernelpagesize_kB=18446744073709551615", .tooLarge),
  ])
  func `is refused where it is none`(line: String, problem: MalformedLine.Problem) {
    #expect(throws: problem) { try NumaMapping(parsing: line.utf8.span) }
  }

  @Test func `may hold any bytes`() {
    var random = Random(seed: 5)
    let words = [
      "1000", "default", "N0=", "N", "=", "kernelpagesize_kB=", "4", " ", "\u{7}", "file=",
    ]
    for _ in 1...20_000 {
      let line = (0..<Int.random(in: 0...12, using: &random))
        .map { _ in words.randomElement(using: &random)! }.joined()
      // It gives a mapping or says why not; it does not trap.
      _ = try? NumaMapping(parsing: line.utf8.span)
    }
  }

  private func summary(_ mapping: NumaMapping) -> String {
    let nodes = mapping.nodes.map { " \($0.node):\($0.bytes)" }.joined()
    return String(mapping.start, radix: 16) + " \(mapping.kind)"
      + " \(mapping.pageSize.map { "\($0)" } ?? "-")" + nodes
  }
}
