import Collectors
import TestSupport
import Testing

@Suite struct `The settings collector` {
  @Test func `gives what the kernel is set to`() throws {
    let tree = try TemporaryTree([
      "proc/sys/kernel/numa_balancing": "3\n",
      "proc/sys/kernel/numa_balancing_promote_rate_limit_MBps": "65536\n",
      "proc/sys/vm/compaction_proactiveness": "20\n",
      "sys/kernel/mm/numa/demotion_enabled": "true\n",
      "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    ])
    #expect(
      settings(tree).metrics == [
        "pagemigration_numa_balancing_mode 3",
        "pagemigration_demotion_enabled 1",
        "pagemigration_promotion_rate_limit_bytes_per_second 68719476736",
        "pagemigration_compaction_proactiveness 20",
        "pagemigration_thp_policy{policy=\"always\"} 0",
        "pagemigration_thp_policy{policy=\"madvise\"} 1",
        "pagemigration_thp_policy{policy=\"never\"} 0",
      ])
  }

  @Test func `gives nothing of what the kernel lacks`() throws {
    let tree = try TemporaryTree(["proc/x": "", "sys/x": ""])
    #expect(settings(tree).metrics == [])
    #expect(settings(tree).reports == [])
  }

  @Test(arguments: [
    ("proc/sys/kernel/numa_balancing", "-1\n", "'-1'"),
    ("proc/sys/kernel/numa_balancing_promote_rate_limit_MBps", "many\n", "'many'"),
    (
      "proc/sys/kernel/numa_balancing_promote_rate_limit_MBps", "17592186044416\n",
      "'17592186044416'"
    ),
    ("proc/sys/vm/compaction_proactiveness", "", "''"),
    ("sys/kernel/mm/numa/demotion_enabled", "maybe\n", "'maybe'"),
    (
      "sys/kernel/mm/transparent_hugepage/enabled", "always madvise never\n",
      "'always madvise never'"
    ),
  ])
  func `gives the others where one is not understood`(
    file: String, text: String, excerpt: String
  ) throws {
    let tree = try TemporaryTree([
      "proc/sys/kernel/numa_balancing": "3\n",
      "proc/sys/kernel/numa_balancing_promote_rate_limit_MBps": "65536\n",
      "proc/sys/vm/compaction_proactiveness": "20\n",
      "sys/kernel/mm/numa/demotion_enabled": "true\n",
      "sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never\n",
    ])
    try tree.write(file, text)
    let scrape = settings(tree)
    #expect(
      scrape.reports == [
        "settings: failed: \(tree.path)/\(file): line 1 is not understood: \(excerpt)"
      ])
    #expect(scrape.headers.filter { $0.hasPrefix("# TYPE") }.count == 4)
  }

  private func settings(_ tree: TemporaryTree) -> Scrape {
    let scrape = Scraper([SettingsCollector(tree.paths)]).scrape()
    func isOwn(_ line: String) -> Bool {
      !line.contains("_scrape_") && !line.contains("build_info")
    }
    return Scrape(
      metrics: scrape.metrics.filter(isOwn), headers: scrape.headers.filter(isOwn),
      reports: scrape.reports)
  }
}
