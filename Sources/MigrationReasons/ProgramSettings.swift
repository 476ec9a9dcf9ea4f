internal import Glibc

/// The constants the eBPF programs are given before the kernel verifies them: `settings` of
/// `migration.bpf.c`, in words of 32 bits. Change both.
struct ProgramSettings: Equatable {
  let words: [UInt32]

  /// - Parameter hasCgroups: whether the kernel was built with them; it refuses programs that ask for
  ///   one where it was not.
  init(
    _ tracepoints: MigrationTracepoints, slots: Int,
    hasCgroups: Bool = unsafe access("/proc/self/cgroup", F_OK) == 0
  ) {
    let ofEnd = [
      "succeeded", "failed", "thp_succeeded", "thp_failed", "thp_split", "large_folio_split",
      "mode", "reason",
    ].map { tracepoints.end.field($0) }
    let ofStart = ["mode", "reason"].map { tracepoints.start?.field($0) }
    words =
      (ofEnd + ofStart).flatMap { field in [field?.offset ?? 0, field?.size ?? 0] }
      + [hasCgroups ? 1 : 0, UInt32(slots)]
  }
}
