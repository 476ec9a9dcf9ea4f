import TestSupport
import Testing

@Suite struct `doctor` {
  @Test func `names each part, and says that it works`() throws {
    let doctor = try Exporter.run("doctor")
    #expect(doctor.status == .exit(0))
    for part in ["vmstat", "node", "settings", "cgroup", "reasons", "causes", "waits", "port"] {
      let line = doctor.text.split(separator: "\n").first {
        $0.split(separator: " ").dropFirst().first == part[...]
      }
      #expect(line?.hasPrefix("works  ") == true || line?.hasPrefix("FAILS  ") == true, "\(part)")
    }
    #expect(doctor.text.contains("\nworks  vmstat "))
  }

  /// What a user gets wrong, and what is said to do.
  @Test(arguments: [
    (
      ["--path.procfs=/nowhere"], "FAILS  vmstat", "/nowhere/vmstat: No such file", "--path.procfs",
      1
    ),
    (["--path.sysfs=/nowhere"], "FAILS  node", "/nowhere", "", 0),
    (
      ["--path.cgroupfs=/proc"], "FAILS  cgroup", "/proc is not a cgroup version 2 hierarchy", "", 0
    ),
    (["--path.tracefs=/nowhere"], "FAILS  reasons", "mount it: mount -t tracefs", "", 0),
  ])
  func `says what fails, why, and what to do`(
    _ flags: [String], part: String, reason: String, advice: String, code: Int
  ) throws {
    let doctor = try Command.run([Exporter.path, "doctor"] + flags)
    #expect(doctor.status == .exit(code))
    let lines = doctor.text.split(separator: "\n")
    let place = try #require(lines.firstIndex { $0.hasPrefix(part) }, "\(doctor.text)")
    #expect(lines[place].contains(reason))
    if !advice.isEmpty { #expect(lines[place + 1].contains("do: \(advice)")) }
  }

  @Test func `takes a kernel that migrates nothing for one that cannot be watched`() throws {
    let tree = try TemporaryTree(["proc/vmstat": "pgmigrate_fail 1\n", "sys/x": ""])
    let doctor = try Command.run([Exporter.path, "doctor"] + Exporter.flags(tree))
    #expect(doctor.status == .exit(1))
    #expect(doctor.text.contains("/vmstat has no pgmigrate_success"))
    #expect(doctor.text.contains("\nworks  port") || doctor.text.contains("\nFAILS  port"))
  }
}
