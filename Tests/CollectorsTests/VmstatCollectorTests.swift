import Collectors
import KernelText
import System
import TestSupport
import Testing

@Suite struct `The vmstat collector` {
  @Test func `gives a metric for each field that there is, in the order of the table`() throws {
    let tree = try TemporaryTree([
      "proc/vmstat": """
      nr_free_pages 5
      pgmigrate_fail 12
      pgdemote_direct 3
      pgdemote_kswapd 18446744073709551615
      pgmigrate_success 9007199254740993
      pgmigrate_dst_node_full_fail 4
      nr_isolated_file 2

      """,
      "sys/kernel/mm/transparent_hugepage/hpage_pmd_size": "2097152\n",
      "proc/sys/kernel/osrelease": "6.1.0\n",
    ])
    let scrape = Scraper([VmstatCollector(tree.paths)]).scrape()
    #expect(
      scrape.metrics.filter { !$0.contains("scrape_collector") && !$0.contains("build_info") } == [
        "pagemigration_pages_migrated_total 9007199254740993",
        "pagemigration_pages_failed_total 12",
        "pagemigration_pages_demoted_total{path=\"kswapd\"} 18446744073709551615",
        "pagemigration_pages_demoted_total{path=\"direct\"} 3",
        "pagemigration_isolated_pages{lru=\"file\"} 2",
        "pagemigration_free_pages 5",
        "pagemigration_page_size_bytes \(Machine.pageSize)",
        "pagemigration_thp_size_bytes 2097152",
      ])
    #expect(scrape.succeeded("vmstat") == true)
  }

  @Test(arguments: [
    ("5.8.18\n", []),
    ("5.15.0-91-generic\n", ["pagemigration_thp_failed_includes_split 0"]),
    ("5.17.0-rc1\n", ["pagemigration_thp_failed_includes_split 1"]),
    ("6.1.0-56-cloud-amd64\n", ["pagemigration_thp_failed_includes_split 1"]),
    ("6.18.44-fc-v595\n", ["pagemigration_thp_failed_includes_split 1"]),
    ("7.2.13+deb14-cloud-amd64\n", ["pagemigration_thp_failed_includes_split 1"]),
  ])
  func `tells by the release whether failed THPs include the split ones`(
    release: String, lines: [String]
  ) throws {
    let tree = try TemporaryTree([
      "proc/vmstat": "thp_migration_fail 1\n", "proc/sys/kernel/osrelease": release,
      "sys/x": "",
    ])
    let scrape = Scraper([VmstatCollector(tree.paths)]).scrape()
    #expect(scrape.values("pagemigration_thp_failed_includes_split") == lines)
    #expect(scrape.succeeded("vmstat") == true)
  }

  /// A tree that was copied from a machine with other pages.
  @Test(arguments: [
    ("2097152\n", 4096), ("33554432\n", 16384), ("536870912\n", 65536),
    ("1048576\n", Machine.pageSize),
  ])
  func `tells the size of a page by that of a THP where the tree is a copy`(
    size: String, pageSize: UInt64
  ) throws {
    let tree = try TemporaryTree([
      "proc/vmstat": "pgmigrate_fail 1\n",
      "sys/kernel/mm/transparent_hugepage/hpage_pmd_size": size,
    ])
    let scrape = Scraper([VmstatCollector(tree.paths)]).scrape()
    #expect(
      scrape.values("pagemigration_page_size_bytes") == [
        "pagemigration_page_size_bytes \(pageSize)"
      ])
  }

  @Test func `does not tell it where there are no failed THPs`() throws {
    let tree = try TemporaryTree([
      "proc/vmstat": "pgmigrate_fail 1\n", "proc/sys/kernel/osrelease": "6.1.0\n", "sys/x": "",
    ])
    let scrape = Scraper([VmstatCollector(tree.paths)]).scrape()
    #expect(scrape.values("pagemigration_thp_failed_includes_split") == [])
  }

  @Test(arguments: [
    "sys/kernel/mm/transparent_hugepage/hpage_pmd_size", "proc/sys/kernel/osrelease",
  ])
  func `keeps the counters and the other fact where one fact cannot be read`(broken: String) throws
  {
    let tree = try TemporaryTree([
      "proc/vmstat": "thp_migration_fail 1\n", "proc/sys/kernel/osrelease": "6.1.0\n",
      "sys/kernel/mm/transparent_hugepage/hpage_pmd_size": "2097152\n",
    ])
    try tree.write(broken, "huge\n")
    let scraper = Scraper([VmstatCollector(tree.paths)])
    let scrape = scraper.scrape()
    #expect(scrape.succeeded("vmstat") == false)
    #expect(
      scrape.reports == [
        "vmstat: failed: \(tree.path)/\(broken): line 1 is not understood: 'huge'"
      ])
    #expect(scrape.values("pagemigration_thp_failed_total") == ["pagemigration_thp_failed_total 1"])
    let facts =
      scrape.values("pagemigration_thp_failed_includes_split")
      + scrape.values("pagemigration_thp_size_bytes")
    #expect(facts.count == 1)
  }

  @Test func `shares a reading with the scrapes of the next moments, where it is told to`() throws {
    let tree = try TemporaryTree(["proc/vmstat": "pgmigrate_success 1\n", "sys/x": ""])
    let scrapers = [Duration.seconds(3600), .milliseconds(20), .zero].map {
      Scraper([VmstatCollector(tree.paths, sharedFor: $0)])
    }
    for scraper in scrapers { _ = scraper.scrape() }
    try tree.write("proc/vmstat", "pgmigrate_success 2\n")
    (MonotonicTime.now + .milliseconds(30)).sleep()
    #expect(
      scrapers.map { $0.scrape().values("pagemigration_pages_migrated_total") } == [
        ["pagemigration_pages_migrated_total 1"], ["pagemigration_pages_migrated_total 2"],
        ["pagemigration_pages_migrated_total 2"],
      ])
  }

  @Test func `shares no reading that failed`() throws {
    let tree = try TemporaryTree(["proc/vmstat": "pgmigrate_success\n", "sys/x": ""])
    let scraper = Scraper([VmstatCollector(tree.paths, sharedFor: .seconds(3600))])
    #expect(scraper.scrape().succeeded("vmstat") == false)
    try tree.write("proc/vmstat", "pgmigrate_success 2\n")
    #expect(scraper.scrape().values("pagemigration_pages_migrated_total").count == 1)
  }

  @Test func `gives nothing at all of a file that it cannot trust`() throws {
    let tree = try TemporaryTree([
      "proc/vmstat": "pgmigrate_success 1\npgmigrate_fail\n", "sys/x": "",
    ])
    let scrape = Scraper(tree).scrape()
    #expect(scrape.values("pagemigration_pages_migrated_total") == [])
    #expect(scrape.values("pagemigration_page_size_bytes") == [])
    #expect(scrape.succeeded("vmstat") == false)
    #expect(scrape.succeeded("node") == true)
    #expect(scrape.succeeded("settings") == true)
  }
}

extension TemporaryTree {
  var paths: KernelPaths { KernelPaths(procfs: procfs, sysfs: sysfs) }
}
