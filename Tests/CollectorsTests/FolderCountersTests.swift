import Collectors
import TestSupport
import Testing

@Suite struct `Folders of one-number files` {
  @Test func `are the areas of CMA`() throws {
    let tree = try TemporaryTree([
      "sys/kernel/mm/cma/reserved/alloc_pages_success": "12\n",
      "sys/kernel/mm/cma/reserved/alloc_pages_fail": "3\n",
      "sys/kernel/mm/cma/a\"b/alloc_pages_fail": "18446744073709551615\n",
      "sys/kernel/mm/cma/a\"b/total_pages": "4\n",
    ])
    let scrape = Scraper([CMACollector(tree.paths)]).scrape()
    #expect(scrape.succeeded("cma") == true)
    let refused = "pagemigration_cma_area_pages_refused_total"
    #expect(
      scrape.values(refused) == [
        #"\#(refused){area="a\"b"} 18446744073709551615"#, #"\#(refused){area="reserved"} 3"#,
      ])
    #expect(scrape.values("pagemigration_cma_area_pages").count == 1)
    #expect(scrape.values("pagemigration_cma_area_free_pages") == [])
  }

  @Test func `are not there on most machines, which is no failure`() throws {
    let tree = try TemporaryTree(["sys/kernel/mm/x": ""])
    let scrape = Scraper([
      CMACollector(tree.paths), MTHPCollector(tree.paths), DAMONCollector(tree.paths),
    ]).scrape()
    for name in ["cma", "mthp", "damon"] { #expect(scrape.succeeded(name) == true) }
    #expect(scrape.reports == [])
  }

  @Test func `keep the other files where one is wrong, and say which`() throws {
    let tree = try TemporaryTree([
      "sys/kernel/mm/cma/a/alloc_pages_success": "1",
      "sys/kernel/mm/cma/b/alloc_pages_success": "2\n",
      "sys/kernel/mm/cma/c/alloc_pages_success": "-3\n",
    ])
    let scrape = Scraper([CMACollector(tree.paths)]).scrape()
    #expect(scrape.succeeded("cma") == false)
    #expect(
      scrape.values("pagemigration_cma_area_pages_allocated_total") == [
        #"pagemigration_cma_area_pages_allocated_total{area="b"} 2"#
      ])
    #expect(scrape.reports.first?.contains("cma/a/alloc_pages_success") == true)
  }

  @Test func `are the sizes of huge pages`() throws {
    let stats = "sys/kernel/mm/transparent_hugepage/hugepages"
    let tree = try TemporaryTree([
      "\(stats)-2048kB/stats/split": "5\n", "\(stats)-64kB/stats/split": "7\n",
      "sys/kernel/mm/transparent_hugepage/khugepaged/defrag": "1\n",
    ])
    let scrape = Scraper([MTHPCollector(tree.paths)]).scrape()
    #expect(
      scrape.values("pagemigration_mthp_splits_total") == [
        #"pagemigration_mthp_splits_total{size="2048kB"} 5"#,
        #"pagemigration_mthp_splits_total{size="64kB"} 7"#,
      ])
  }

  /// What nobody refreshes is as old as who knows: 0 ms means never.
  @Test(arguments: [("0\n", 0, "0"), ("100\n", 1, "0.1")])
  func `are DAMON's only where the kernel refreshes them`(
    refresh: String, count: Int, seconds: String
  ) throws {
    let folder = "sys/kernel/mm/damon/admin/kdamonds/0"
    let scheme = "\(folder)/contexts/0/schemes/1"
    let tree = try TemporaryTree([
      "\(folder)/refresh_ms": refresh, "\(scheme)/action": "migrate_cold\n",
      "\(scheme)/stats/sz_applied": "4096\n", "\(scheme)/stats/nr_applied": "1\n",
    ])
    let scrape = Scraper([DAMONCollector(tree.paths)]).scrape()
    #expect(scrape.succeeded("damon") == true)
    let labels = #"{kdamond="0",context="0",scheme="1",action="migrate_cold"}"#
    #expect(
      scrape.values("pagemigration_damon_applied_bytes_total")
        == Array(
          repeating: "pagemigration_damon_applied_bytes_total\(labels) 4096", count: count))
    #expect(
      scrape.values("pagemigration_damon_refresh_seconds")
        == [#"pagemigration_damon_refresh_seconds{kdamond="0"} \#(seconds)"#])
  }
}
