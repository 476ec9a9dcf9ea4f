// Huge pages that must be split before they can move: the target has no huge page free.
#define _GNU_SOURCE
#include "workloads.h"

#include <stdio.h>
#include <sys/mman.h>

#include "memory.h"

// Leaves node 1 with `free_pages` free base pages and no free huge page: every second page of a
// region is given back, then hugetlb takes all whole huge pages. In this order, because free memory
// near the watermark would keep hugetlb from the last of them. An extfrag_threshold of 1000 keeps
// compaction from gathering new ones.
static void fragment_node_1(size_t free_pages) {
  write_file("/proc/sys/vm/extfrag_threshold", "1000");
  write_file("/proc/sys/vm/min_free_kbytes", "4096");
  allocate_on(1);
  char *region = base_pages(free_pages * 2);
  allocate_anywhere();
  for (size_t i = 0; i < free_pages; i++)
    if (munmap(region + i * 2 * BASE_PAGE, BASE_PAGE)) fail("munmap");
  write_file("/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages", "4096");
}

void split_huge(size_t count) {
  allocate_on(0);
  char *pages = huge_pages(count);
  fragment_node_1(count * BASE_PER_HUGE * 4);
  wait_for_go();
  move_pages_to(1, pages, count, HUGE_PAGE);
  printf("moved %zu\n", pages_on(1, pages, count * BASE_PER_HUGE, BASE_PAGE));
}
