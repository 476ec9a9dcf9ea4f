// Pages the kernel moves by itself, because of where they are used.
#define _GNU_SOURCE
#include "workloads.h"

#include <stdio.h>

#include "memory.h"

// A task on node 1's processor that keeps touching memory on node 0, until it has all moved or
// `limit_seconds` are over. The policy is dropped after the pages are there: balancing obeys it.
static size_t touch_until_moved(char *pages, size_t count, double limit_seconds) {
  double end = seconds_now() + limit_seconds;
  size_t moved = 0;
  while (moved < count && seconds_now() < end) {
    touch(pages, count * BASE_PAGE);
    moved = pages_on(1, pages, count, BASE_PAGE);
  }
  return moved;
}

void balance(size_t count) {
  run_on_cpu(0);
  allocate_on(0);
  char *pages = base_pages(count);
  allocate_anywhere();
  run_on_cpu(1);
  wait_for_go();
  printf("moved %zu\n", touch_until_moved(pages, count, 120));
}

// Demand on a full upper tier: `count` base pages are asked of node 0, which has fewer, so reclaim
// demotes the coldest to node 1. The first 200 MB are kept hot.
void demote(size_t count) {
  allocate_on(0);
  wait_for_go();
  char *pages = base_pages(count);
  double end = seconds_now() + 4;
  while (seconds_now() < end) touch(pages, 200UL << 20);
  printf("demoted %zu\n", pages_on(1, pages, count, BASE_PAGE));
}

// A hot region of `count` base pages on the lower tier: balancing promotes it to node 0, where
// there is room. Ends when a tenth has moved or after 120 seconds.
void promote(size_t count) {
  run_on_cpu(0);
  allocate_on(1);
  char *pages = base_pages(count);
  allocate_anywhere();
  wait_for_go();
  double end = seconds_now() + 120;
  size_t promoted = 0;
  while (promoted < count / 10 && seconds_now() < end) {
    touch(pages, count * BASE_PAGE);
    promoted = pages_on(0, pages, count, BASE_PAGE);
  }
  printf("promoted %zu\n", promoted);
}
