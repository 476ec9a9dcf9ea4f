// Pages that must leave where they are: soft offline, memory that goes away, a pin for long.
#define _GNU_SOURCE
#include "workloads.h"

#include <linux/io_uring.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "memory.h"

#ifndef MADV_SOFT_OFFLINE
enum { MADV_SOFT_OFFLINE = 101 };  // linux/mman-common.h; libc does not name it
#endif

// Memory that only lies there, for steps in which something else moves it.
static void stay_on(int node, size_t count) {
  allocate_on(node);
  char *pages = base_pages(count);
  printf("there %zu\n", pages_on(node, pages, count, BASE_PAGE));
  wait_for_go();
  printf("left %zu\n", count - pages_on(node, pages, count, BASE_PAGE));
}

void stay_on_node_0(size_t count) { stay_on(0, count); }
void stay_on_node_1(size_t count) { stay_on(1, count); }
void stay_on_node_2(size_t count) { stay_on(2, count); }

// Each page is migrated by its own call, and what it was in is taken out of use.
void soft_offline(size_t count) {
  allocate_on(0);
  char *pages = base_pages(count);
  wait_for_go();
  for (size_t i = 0; i < count; i++)
    if (madvise(pages + i * BASE_PAGE, BASE_PAGE, MADV_SOFT_OFFLINE)) fail("madvise(MADV_SOFT_OFFLINE)");
}

// A hugetlb page in use moves whole: 512 base pages, and no THP.
void soft_offline_hugetlb(size_t count) {
  char *pages = hugetlb_pages(count);
  wait_for_go();
  for (size_t i = 0; i < count; i++)
    if (madvise(pages + i * HUGE_PAGE, HUGE_PAGE, MADV_SOFT_OFFLINE)) fail("madvise(MADV_SOFT_OFFLINE)");
}

// A pin for long must not lie in movable memory, which all of node 2 is: the kernel moves the pages
// out of it first. io_uring's registered buffers are the pin that needs no device.
void pin_for_long(size_t count) {
  allocate_on(2);
  char *pages = base_pages(count);
  allocate_anywhere();
  struct io_uring_params parameters = {0};
  int ring = (int)syscall(SYS_io_uring_setup, 1, &parameters);
  if (ring < 0) fail("io_uring_setup");
  wait_for_go();
  struct iovec buffer = {pages, count * BASE_PAGE};
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1)) fail("io_uring_register");
  printf("left %zu\n", count - pages_on(2, pages, count, BASE_PAGE));
  if (syscall(SYS_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, NULL, 0)) fail("io_uring_register");
}

// Every second page of `count` is given back, which leaves compaction something to gather.
void scatter(size_t count) {
  allocate_on(0);
  char *pages = base_pages(count);
  for (size_t i = 0; i < count; i += 2)
    if (madvise(pages + i * BASE_PAGE, BASE_PAGE, MADV_DONTNEED)) fail("madvise(MADV_DONTNEED)");
  wait_for_go();
}
