// Huge pages that must be split before they can move: the target has no huge page free.
#define _GNU_SOURCE
#include "workloads.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

// Whether node 1's free lists hold a block as large as a huge page.
static bool has_free_huge_page(void) {
  FILE *file = fopen("/proc/buddyinfo", "r");
  if (!file) fail("/proc/buddyinfo");
  char line[256];
  bool found = false;
  while (fgets(line, sizeof line, file)) {
    size_t order_9, order_10;
    found |= sscanf(line, "Node 1, zone %*s %*u %*u %*u %*u %*u %*u %*u %*u %*u %zu %zu", &order_9,
                    &order_10) == 2 && order_9 + order_10 > 0;
  }
  fclose(file);
  return found;
}

// Leaves node 1 with `free_pages` free base pages and no free huge page: every second page of a
// region is given back, then hugetlb takes all whole huge pages. In this order, because free memory
// near the watermark would keep hugetlb from the last of them. An extfrag_threshold of 1000 keeps
// compaction from gathering new ones. Pages that processors keep for themselves come back late, so
// hugetlb is asked until nothing is left, for two seconds at most.
static void fragment_node_1(size_t free_pages) {
  write_file("/proc/sys/vm/extfrag_threshold", "1000");
  write_file("/proc/sys/vm/min_free_kbytes", "4096");
  allocate_on(1);
  char *region = base_pages(free_pages * 2);
  allocate_anywhere();
  for (size_t i = 0; i < free_pages; i++)
    if (munmap(region + i * 2 * BASE_PAGE, BASE_PAGE)) fail("munmap");
  for (int attempt = 0; attempt == 0 || (has_free_huge_page() && attempt < 20); attempt++) {
    if (attempt) usleep(100000);
    write_file("/sys/devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages", "4096");
  }
}

void split_huge(size_t count) {
  allocate_on(0);
  char *pages = huge_pages(count);
  fragment_node_1(count * BASE_PER_HUGE * 4);
  wait_for_go();
  move_pages_to(1, pages, count, HUGE_PAGE);
  printf("moved %zu\n", pages_on(1, pages, count * BASE_PER_HUGE, BASE_PAGE));
}
