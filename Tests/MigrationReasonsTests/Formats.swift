/// The tracepoints' `format` files as kernels print them; numbers differ from boot to boot.
enum Formats {
  static let common = """
    \tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;
    \tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;
    \tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;
    \tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;


    """

  static let modes = """
    __print_symbolic(REC->mode, {0, "MIGRATE_ASYNC"}, {1, "MIGRATE_SYNC_LIGHT"}, \
    {2, "MIGRATE_SYNC"})
    """

  static let reasonsOf5_10 = """
    __print_symbolic(REC->reason, {0, "compaction"}, {1, "memory_failure"}, \
    {2, "memory_hotplug"}, {3, "syscall_or_cpuset"}, {4, "mempolicy_mbind"}, \
    {5, "numa_misplaced"}, {6, "contig_range"}
    """

  static let linux5_8 = """
    name: mm_migrate_pages
    ID: 400
    format:
    \(common)\tfield:unsigned long succeeded;\toffset:8;\tsize:8;\tsigned:0;
    \tfield:unsigned long failed;\toffset:16;\tsize:8;\tsigned:0;
    \tfield:enum migrate_mode mode;\toffset:24;\tsize:4;\tsigned:0;
    \tfield:int reason;\toffset:28;\tsize:4;\tsigned:1;

    print fmt: "nr_succeeded=%lu nr_failed=%lu mode=%s reason=%s", REC->succeeded, REC->failed, \
    \(modes), \(reasonsOf5_10))
    """

  static let linux5_10 = counting(thp: true, split: false, id: 473, reasons: "\(reasonsOf5_10))")

  static let linux6_1 = counting(
    thp: true, split: false, id: 588,
    reasons: "\(reasonsOf5_10), {7, \"longterm_pin\"}, {8, \"demotion\"})")

  static let linux6_12 = counting(
    thp: true, split: true, id: 655,
    reasons: "\(reasonsOf5_10), {7, \"longterm_pin\"}, {8, \"demotion\"}, {9, \"damon\"})")

  /// 7.3 declares the reason an enum, and names the page owner's sentinel.
  static let linux7_3 = counting(
    thp: true, split: true, id: 719,
    reasons: """
      \(reasonsOf5_10), {7, "longterm_pin"}, {8, "demotion"}, {9, "damon"}, \
      {10, "never_migrated"})
      """
  ).replacing(
    "field:int reason;\toffset:60;\tsize:4;\tsigned:1;",
    with: "field:enum migrate_reason reason;\toffset:60;\tsize:4;\tsigned:0;")

  static let start = """
    name: mm_migrate_pages_start
    ID: 712
    format:
    \(common)\tfield:enum migrate_mode mode;\toffset:8;\tsize:4;\tsigned:0;
    \tfield:int reason;\toffset:12;\tsize:4;\tsigned:1;

    print fmt: "mode=%s reason=%s", \(modes), \(reasonsOf5_10))
    """

  private static func counting(thp: Bool, split: Bool, id: Int, reasons: String) -> String {
    let names =
      ["succeeded", "failed"] + (thp ? ["thp_succeeded", "thp_failed", "thp_split"] : [])
      + (split ? ["large_folio_split"] : [])
    let fields = names.enumerated().map { index, name in
      "\tfield:unsigned long \(name);\toffset:\(8 + 8 * index);\tsize:8;\tsigned:0;\n"
    }
    let end = 8 + 8 * names.count
    return """
      name: mm_migrate_pages
      ID: \(id)
      format:
      \(common)\(fields.joined())\tfield:enum migrate_mode mode;\toffset:\(end);\tsize:4;\tsigned:0;
      \tfield:int reason;\toffset:\(end + 4);\tsize:4;\tsigned:1;

      print fmt: "nr_succeeded=%lu nr_failed=%lu mode=%s reason=%s", REC->succeeded, REC->failed, \
      \(modes), \(reasons)
      """
  }
}
