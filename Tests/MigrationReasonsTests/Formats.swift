/// The tracepoints' `format` files as kernels print them; numbers differ from boot to boot.
enum Formats {
  static let common = """
    	field:unsigned short common_type;	offset:0;	size:2;	signed:0;
    	field:unsigned char common_flags;	offset:2;	size:1;	signed:0;
    	field:unsigned char common_preempt_count;	offset:3;	size:1;	signed:0;
    	field:int common_pid;	offset:4;	size:4;	signed:1;


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
    \(common)\tfield:unsigned long succeeded;	offset:8;	size:8;	signed:0;
    	field:unsigned long failed;	offset:16;	size:8;	signed:0;
    	field:enum migrate_mode mode;	offset:24;	size:4;	signed:0;
    	field:int reason;	offset:28;	size:4;	signed:1;

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
    "field:int reason;	offset:60;	size:4;	signed:1;",
    with: "field:enum migrate_reason reason;	offset:60;	size:4;	signed:0;")

  static let start = """
    name: mm_migrate_pages_start
    ID: 712
    format:
    \(common)\tfield:enum migrate_mode mode;	offset:8;	size:4;	signed:0;
    	field:int reason;	offset:12;	size:4;	signed:1;

    print fmt: "mode=%s reason=%s", \(modes), \(reasonsOf5_10))
    """

  private static func counting(thp: Bool, split: Bool, id: Int, reasons: String) -> String {
    let names =
      ["succeeded", "failed"] + (thp ? ["thp_succeeded", "thp_failed", "thp_split"] : [])
      + (split ? ["large_folio_split"] : [])
    let fields = names.enumerated().map { index, name in
      "\tfield:unsigned long \(name);	offset:\(8 + 8 * index);	size:8;	signed:0;\n"
    }
    let end = 8 + 8 * names.count
    return """
      name: mm_migrate_pages
      ID: \(id)
      format:
      \(common)\(fields.joined())\tfield:enum migrate_mode mode;	offset:\(end);	size:4;	signed:0;
      	field:int reason;	offset:\(end + 4);	size:4;	signed:1;

      print fmt: "nr_succeeded=%lu nr_failed=%lu mode=%s reason=%s", REC->succeeded, REC->failed, \
      \(modes), \(reasons)
      """
  }
}
