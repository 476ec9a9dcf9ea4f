import Glibc
import KernelText
import MigrationReasons
import Testing

@Suite struct `Why there are no reasons` {
  @Test(arguments: [
    (
      ReasonsUnavailable.notBuilt,
      "this build has no migration reasons: it was made without the trait Reasons (libbpf)"
    ),
    (
      .noTracefs(path: "/t"),
      "no tracefs at /t; mount it: mount -t tracefs nodev /t"
    ),
    (
      .unreadable(FileError(.open, "/t/f", EACCES)),
      "cannot open /t/f: Permission denied"
        + " (tracefs belongs to root; grant CAP_DAC_READ_SEARCH or mount it with gid=)"
    ),
    (
      .noBTF,
      "this kernel has no BTF (it needs CONFIG_DEBUG_INFO_BTF)"
    ),
    (
      .noFunction("migrate_pages"),
      "this kernel's BTF has no function migrate_pages as it is known (causes need Linux 6.6 or later)"
    ),
    (.malformedFormat(path: "/t/f", problem: "no ID"), "cannot understand /t/f: no ID"),
    (
      .refused(.load, errno: EPERM, lockdown: nil),
      "cannot load the eBPF program: Operation not permitted"
        + " (it needs CAP_BPF, CAP_PERFMON and no lockdown; before Linux 5.11 also a higher LimitMEMLOCK)"
    ),
    (
      .refused(.attach, errno: EPERM, lockdown: "confidentiality"),
      "cannot attach the eBPF program: Operation not permitted"
        + " (kernel lockdown is in mode confidentiality)"
    ),
    (
      .refused(.load, errno: EINVAL, lockdown: nil),
      "cannot load the eBPF program: Invalid argument (it needs Linux 5.5 or later)"
    ),
    (
      .refused(.load, errno: ENOSYS, lockdown: nil),
      "cannot load the eBPF program: Function not implemented (the kernel needs CONFIG_BPF_SYSCALL)"
    ),
    (.needsKernel("5.17"), "it needs Linux 5.17 or later"),
    (.noCounter("pgmigrate_success"), "this kernel does not count pgmigrate_success"),
    (
      .noMember("cfs_rq", of: "sched_entity"),
      "this kernel's BTF has no member sched_entity.cfs_rq (it needs CONFIG_FAIR_GROUP_SCHED)"
    ),
    (.noMember("data", of: "kthread"), "this kernel's BTF has no member kthread.data"),
    (
      .otherArray("vm_event_states"),
      "vm_event_states has another number of counters than /proc/vmstat"
    ),
    (.notFound("a node's counters"), "a node's counters cannot be found in this kernel's memory"),
    (
      .disagrees(counter: "pswpin"),
      "pswpin is not where it was expected: its value is not the one of /proc/vmstat"
    ),
  ])
  func `is one line a person can act on`(error: ReasonsUnavailable, line: String) {
    #expect("\(error)" == line)
  }

  @Test(arguments: [
    ("none [integrity] confidentiality\n", "integrity"),
    ("none integrity [confidentiality]\n", "confidentiality"),
    ("[none] integrity confidentiality\n", nil),
    ("", nil),
  ])
  func `may be the kernel's lockdown`(text: String, mode: String?) {
    #expect(Lockdown.mode(in: text) == mode)
  }
}
