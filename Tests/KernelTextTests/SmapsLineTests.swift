import KernelText
import Testing

@Suite struct `A line of smaps` {
  @Test(
    arguments: [
      (
        "5557ad3a3000-5557ad3a5000 r--p 00000000 fe:00 254163                     /usr/bin/head",
        0x5557_ad3a_3000, 0xfe, 0, "/usr/bin/head"
      ),
      ("00a6e000-00aa0000 rw-p 00000000 00:00 0        [heap]", 0xa6e000, 0, 0, "[heap]"),
      ("7f00-7f01 rw-p 00000000 00:00 0", 0x7f00, 0, 0, ""),
      ("7f00-7f01 rw-p 00000000 00:00 0 ", 0x7f00, 0, 0, ""),
      (
        "ffff-10000 rw-s 00001000 00:1e 5   /dev/shm/two words (deleted)", 0xffff, 0, 0x1e,
        "/dev/shm/two words (deleted)"
      ),
      ("7f00-7f01 rw-s 00000000 00:01 9 [anon_shmem:a b]", 0x7f00, 0, 1, "[anon_shmem:a b]"),
    ] as [(String, UInt64, UInt32, UInt32, String)])
  func `may be the head of a mapping`(
    line: String, start: UInt64, major: UInt32, minor: UInt32, name: String
  ) throws {
    guard case .head(let head) = try SmapsLine(parsing: line.utf8.span) else {
      Issue.record("is no head")
      return
    }
    #expect(head.start == start)
    #expect(head.device == DeviceNumber(major: major, minor: minor))
    #expect(head.name == name)
  }

  @Test(arguments: [
    ("AnonHugePages:      2048 kB", SmapsLine.thpBytes(2 << 20)),
    ("ShmemPmdMapped:        0 kB", .thpBytes(0)),
    ("FilePmdMapped:  10 kB", .thpBytes(10 << 10)),
    ("ShmemHugePages:        8 kB", .other),
    ("Private_Hugetlb:    4096 kB", .other),
    ("THPeligible:           1", .other),
    ("VmFlags: rd mr mw me ", .other),
    ("", .other),
  ])
  func `may be a field`(line: String, expected: SmapsLine) throws {
    #expect(try SmapsLine(parsing: line.utf8.span) == expected)
  }

  @Test(arguments: [
    ("7f00 rw-p 0 00:00 0", MalformedLine.Problem.noAddress),
    ("-7f00 rw-p 0 00:00 0", .noAddress),
    ("7f00-7f01 rw-p 0", .noAddress),
    ("7f00-7f01 rw-p 0 0000 0", .notANumber),
    ("7f00-7f01 rw-p 0 zz:00 0", .notANumber),
    ("AnonHugePages: x kB", .notANumber),
    ("AnonHugePages:", .notANumber),
    ("AnonHugePages: 1 MB", .notANumber),
    ("AnonHugePages: 18446744073709551615 kB", .tooLarge),
  ])
  func `is refused where it is none`(line: String, problem: MalformedLine.Problem) {
    #expect(throws: problem) { try SmapsLine(parsing: line.utf8.span) }
  }
}

@Suite struct `A line of mountinfo` {
  @Test(arguments: [
    ("25 24 0:23 / /dev/shm rw,relatime - tmpfs tmpfs rw,size=2k", "0:23 tmpfs"),
    ("25 24 0:23 / /dev/shm rw,relatime shared:3 master:1 - tmpfs none rw", "0:23 tmpfs"),
    (#"27 1 254:1 / /a\040-\040b rw - ext4 /dev/vda rw"#, "254:1 ext4"),
  ])
  func `tells the device and the type`(line: String, expected: String) {
    let mount = MountLine(parsing: line.utf8.span)
    #expect(mount.map { "\($0.device.major):\($0.device.minor) \($0.type)" } == expected)
  }

  @Test(arguments: ["", "25", "25 24 0:23 / /dev/shm rw", "25 24 x / /a rw - tmpfs", "1 2 3:4 -"])
  func `is none where it is cut`(line: String) {
    #expect(MountLine(parsing: line.utf8.span) == nil)
  }
}

@Suite struct `The state of a process` {
  @Test(arguments: [
    ("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0", true, false),
    ("17 (bash) S 1 17 17 0 -1 4194560 0 0", false, false),
    ("17 (true) Z 1 17 17 0 -1 4228108 0 0", false, true),
    ("17 (a) Z 0 0 0 0 (b) R 1 17 17 0 -1 4194560 0 0", false, false),
    ("17 (line\nline) Z 1 17 17 0 -1 4228108 0 0", false, true),
  ])
  func `is read from behind the name`(line: String, isKernelThread: Bool, isZombie: Bool) {
    let state = ProcessStat(parsing: line.utf8.span)
    #expect(state?.isKernelThread == isKernelThread)
    #expect(state?.isZombie == isZombie)
  }

  @Test(arguments: ["", "17 (bash", "17 (bash) S 1 17", "17 (bash) S 1 17 17 0 -1 x 0"])
  func `is unknown where the line is cut`(line: String) {
    #expect(ProcessStat(parsing: line.utf8.span) == nil)
  }
}
