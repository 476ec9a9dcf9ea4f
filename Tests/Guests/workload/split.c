// Huge pages that must be split before they can move: the target has no huge page free.
#define _GNU_SOURCE
#include "workloads.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

// Node 2 where there is one: its memory is movable, and elsewhere the kernel keeps some huge pages in
// reserve for atomic allocations, so that not every last one can be taken.
static int target_node(void) { return access("/sys/devices/system/node/node2", F_OK) ? 1 : 2; }

static size_t free_pages_on(int node) {
  char path[64], line[256];
  snprintf(path, sizeof path, "/sys/devices/system/node/node%d/meminfo", node);
  FILE *file = fopen(path, "r");
  if (!file) fail(path);
  size_t kilobytes = 0;
  while (fgets(line, sizeof line, file)) sscanf(line, "Node %*d MemFree: %zu kB", &kilobytes);
  fclose(file);
  return kilobytes * 1024 / BASE_PAGE;
}

// Leaves a node with `free_pages` free base pages and no free huge page. All but 16 MB of it is
// filled, every second page of the first part is given back, then hugetlb takes all whole huge
// pages. In this order, because near the watermark the last of them could not be had; and from each
// processor, because each keeps a free huge page or two for itself. An extfrag_threshold of 1000 keeps
// compaction from gathering new ones.
static void fragment(int node, size_t free_pages) {
  enum { LEFT = (16 << 20) / BASE_PAGE };
  write_file("/proc/sys/vm/extfrag_threshold", "1000");
  write_file("/proc/sys/vm/min_free_kbytes", "4096");
  allocate_on(node);
  char *region = base_pages(free_pages_on(node) - LEFT);
  allocate_anywhere();
  for (size_t i = 0; i < free_pages; i++)
    if (munmap(region + i * 2 * BASE_PAGE, BASE_PAGE)) fail("munmap");
  char path[96];
  snprintf(path, sizeof path, "/sys/devices/system/node/node%d/hugepages/hugepages-2048kB/nr_hugepages",
           node);
  cpu_set_t all, one;
  if (sched_getaffinity(0, sizeof all, &all)) fail("sched_getaffinity");
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (!CPU_ISSET(cpu, &all)) continue;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    if (sched_setaffinity(0, sizeof one, &one)) fail("sched_setaffinity");
    write_file(path, "64");
  }
  if (sched_setaffinity(0, sizeof all, &all)) fail("sched_setaffinity");
}

void split_huge(size_t count) {
  allocate_on(0);
  char *pages = huge_pages(count);
  int node = target_node();
  fragment(node, count * BASE_PER_HUGE * 4);
  wait_for_go();
  move_pages_to(node, pages, count, HUGE_PAGE);
  printf("moved %zu\n", pages_on(node, pages, count * BASE_PER_HUGE, BASE_PAGE));
}
