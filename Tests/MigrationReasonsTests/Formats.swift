/// The tracepoints' `format` files as the kernels print them of which there is no fixture; and 6.12,
/// shortened, to be varied.
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

  static let firstReasons = """
    __print_symbolic(REC->reason, {0, "compaction"}, {1, "memory_failure"}, \
    {2, "memory_hotplug"}, {3, "syscall_or_cpuset"}, {4, "mempolicy_mbind"}, \
    {5, "numa_misplaced"}, {6, "contig_range"}
    """

  static let upTo58 = """
    name: mm_migrate_pages
    ID: 400
    format:
    \(common)\tfield:unsigned long succeeded;\toffset:8;\tsize:8;\tsigned:0;
    \tfield:unsigned long failed;\toffset:16;\tsize:8;\tsigned:0;
    \tfield:enum migrate_mode mode;\toffset:24;\tsize:4;\tsigned:0;
    \tfield:int reason;\toffset:28;\tsize:4;\tsigned:1;

    print fmt: "nr_succeeded=%lu nr_failed=%lu mode=%s reason=%s", REC->succeeded, REC->failed, \
    \(modes), \(firstReasons))
    """

  static let from67 = """
    name: mm_migrate_pages
    ID: 655
    format:
    \(common)\tfield:unsigned long succeeded;\toffset:8;\tsize:8;\tsigned:0;
    \tfield:unsigned long failed;\toffset:16;\tsize:8;\tsigned:0;
    \tfield:unsigned long thp_succeeded;\toffset:24;\tsize:8;\tsigned:0;
    \tfield:unsigned long thp_failed;\toffset:32;\tsize:8;\tsigned:0;
    \tfield:unsigned long thp_split;\toffset:40;\tsize:8;\tsigned:0;
    \tfield:unsigned long large_folio_split;\toffset:48;\tsize:8;\tsigned:0;
    \tfield:enum migrate_mode mode;\toffset:56;\tsize:4;\tsigned:0;
    \tfield:int reason;\toffset:60;\tsize:4;\tsigned:1;

    print fmt: "nr_succeeded=%lu mode=%s reason=%s", REC->succeeded, \(modes), \
    \(firstReasons), {7, "longterm_pin"}, {8, "demotion"}, {9, "damon"})
    """

  /// 7.3 declares the reason an enum, and names the page owner's sentinel.
  static let from73 =
    from67
    .replacing(
      "field:int reason;\toffset:60;\tsize:4;\tsigned:1;",
      with: "field:enum migrate_reason reason;\toffset:60;\tsize:4;\tsigned:0;"
    )
    .replacing("{9, \"damon\"}", with: "{9, \"damon\"}, {10, \"never_migrated\"}")

  static let start = """
    name: mm_migrate_pages_start
    ID: 712
    format:
    \(common)\tfield:enum migrate_mode mode;\toffset:8;\tsize:4;\tsigned:0;
    \tfield:int reason;\toffset:12;\tsize:4;\tsigned:1;

    print fmt: "mode=%s reason=%s", \(modes), \(firstReasons))
    """
}
