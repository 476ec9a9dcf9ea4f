import TestSupport
import Testing

/// An arm64 server has pages of 64 KiB, of which a THP has 8192, and a kernel of its own make. Its files
/// are a tree; the size of a page comes from the C library, whose answer is replaced.
@Suite struct `On a machine with pages of 64 KiB` {
  @Test(.needs(.tool("cc"))) func `counts are of its pages, and bytes follow`() throws {
    let machine = try Machine64()
    let exporter = try ServingExporter(
      Exporter.flags(machine.tree), wrapper: ["env", "LD_PRELOAD=\(machine.library)"])
    let text = try exporter.get("/metrics").text
    for line in [
      "pagemigration_page_size_bytes 65536", "pagemigration_thp_size_bytes 536870912",
      "pagemigration_pages_migrated_total 9007199254740993", "pagemigration_pages_failed_total 3",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(line)")
    }
    let json = try exporter.get("/rates?format=json").text
    #expect(
      json.contains("\"page_size_bytes\":65536") && json.contains("\"thp_size_bytes\":536870912"))
    #expect(json.contains("\"bytes_migrated\":{\"total\":5.902958103587057e+20,"))
  }

  @Test(.needs(.tool("cc"))) func `placement is in bytes`() throws {
    let machine = try Machine64()
    let result = try Command.run(
      [Exporter.path, "placement", "--json", "7"] + Exporter.flags(machine.tree),
      environment: ["LD_PRELOAD": machine.library])
    #expect(result.status == .exit(0))
    #expect(
      result.text.contains(
        #"{"kind":"anon","page_size_bytes":65536,"bytes":1048576,"thp_bytes":null,"#
          + #""nodes":[{"node":0,"memory_tier":null,"bytes":655360},{"node":1,"memory_tier":null,"bytes":393216}]}"#
      ), "\(result.text)")
  }
}

private final class Machine64 {
  let tree: TemporaryTree
  let library: String

  init() throws {
    // A table of 20 000 fields, most of them unknown here.
    let unknown = (0..<20_000).map { "vendor_field_\($0) \($0)\n" }.joined()
    tree = try TemporaryTree([
      "proc/sys/kernel/osrelease": "6.8.0-1024-nvidia-64k\n",
      "proc/vmstat": unknown
        + "pgmigrate_success 9007199254740993\npgmigrate_fail 3\nthp_migration_success 0\n",
      "proc/7/comm": "server\n",
      "proc/7/numa_maps":
        "ffff80000000 default anon=16 dirty=16 active=0 N0=10 N1=6 kernelpagesize_kB=64\n",
      "sys/kernel/mm/transparent_hugepage/hpage_pmd_size": "536870912\n",
      "page.c": """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <unistd.h>
      long sysconf(int name) {
        if (name == _SC_PAGESIZE) return 65536;
        return ((long (*)(int))dlsym(RTLD_NEXT, "sysconf"))(name);
      }
      """,
    ])
    library = "\(tree.path)/page.so"
    let made = try Command.run(
      ["cc", "-shared", "-fPIC", "-O2", "-o", library, "\(tree.path)/page.c", "-ldl"])
    #expect(made.status == .exit(0), "\(made.errors)")
  }
}
