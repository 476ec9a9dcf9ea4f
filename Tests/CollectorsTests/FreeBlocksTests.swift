import Collectors
import TestSupport
import Testing

@Suite struct `Free pageblocks` {
  private static let buddyinfo = """
    Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3
    Node 0, zone    DMA32      2      2      4      2      5      4      3      3      4      2    752
    Node 1, zone   Normal  14767  10404   8670   6501    880    456    316    185    113    212   3959

    """

  private func blocks(_ files: [String: String]) throws -> (values: [String], works: Bool?) {
    let tree = try TemporaryTree([
      "sys/kernel/mm/transparent_hugepage/hpage_pmd_size": "2097152\n",
      "proc/sys/kernel/osrelease": "6.1.0\n",
    ])
    for (path, text) in files { try tree.write(path, text) }
    let scrape = Scraper([VmstatCollector(tree.paths)]).scrape()
    return (scrape.values("pagemigration_free_block_pages"), scrape.succeeded("vmstat"))
  }

  @Test func `are told by vmstat where it has them`() throws {
    let told = try blocks([
      "proc/vmstat": "nr_free_pages 9\nnr_free_pages_blocks 5\n", "proc/buddyinfo": Self.buddyinfo,
    ])
    #expect(told.values == ["pagemigration_free_block_pages 5"])
  }

  /// 215 blocks of 512 pages and 4714 of 1024.
  @Test func `are told by buddyinfo where it has not`() throws {
    let told = try blocks(["proc/vmstat": "nr_free_pages 9\n", "proc/buddyinfo": Self.buddyinfo])
    #expect(told.values == ["pagemigration_free_block_pages \(215 * 512 + 4714 * 1024)"])
    #expect(told.works == true)
  }

  @Test func `are told of each node by buddyinfo where its own vmstat does not`() throws {
    let tree = try TemporaryTree([
      "sys/kernel/mm/transparent_hugepage/hpage_pmd_size": "2097152\n",
      "proc/sys/kernel/osrelease": "6.1.0\n", "proc/buddyinfo": Self.buddyinfo,
      "sys/devices/system/node/node0/vmstat": "nr_free_pages 9\n",
      "sys/devices/system/node/node1/vmstat": "nr_free_pages 9\n",
      "sys/devices/system/node/node2/vmstat": "nr_free_pages 9\n",
      "sys/devices/system/node/node3/vmstat": "nr_free_pages 9\nnr_free_pages_blocks 7\n",
    ])
    let scrape = Scraper([NodeCollector(tree.paths)]).scrape()
    let name = "pagemigration_node_free_block_pages"
    // A node that buddyinfo does not list has no such number: absent is not zero.
    #expect(
      scrape.values(name) == [
        "\(name){numa_node=\"0\"} \(3 * 512 + 755 * 1024)",
        "\(name){numa_node=\"1\"} \(212 * 512 + 3959 * 1024)",
        "\(name){numa_node=\"3\"} 7",
      ])
    #expect(scrape.succeeded("node") == true)
  }

  @Test func `are not known where neither has them`() throws {
    let told = try blocks(["proc/vmstat": "nr_free_pages 9\n"])
    #expect(told.values == [])
    #expect(told.works == true)
  }

  @Test(arguments: [
    "", "\n", "Node 0, zone Normal\n", "Node 0, zone Normal 1 2", "Node 0, zone Normal 1 x\n",
    "Node 0, zone Normal -1\n", "Node 0, zone Normal 99999999999999999999\n",
    "Node 0, zone Normal \(String(repeating: "1 ", count: 40))\n",
    "Node 0, zone Normal 1 2 3\nNode 1, zone Nor", "Node x, zone Normal 1\n",
    "Node 0 zone Normal 1\n", "Node , zone Normal 1\n", "Node 99999999999, zone Normal 1\n",
  ])
  func `are not guessed from a text that is wrong`(_ text: String) throws {
    let told = try blocks(["proc/vmstat": "nr_free_pages 9\n", "proc/buddyinfo": text])
    #expect(told.values == [])
    #expect(told.works == false)
  }
}
