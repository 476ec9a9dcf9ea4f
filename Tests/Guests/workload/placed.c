// A process with every kind of memory on both nodes, for its numa_maps.
#define _GNU_SOURCE
#include "workloads.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "memory.h"

// Files whose names have a space and a newline: numa_maps escapes both.
static void file_pages(int node, size_t count) {
  const char *name = node ? "/tmp/far file\nof two lines" : "/tmp/near file\nof two lines";
  int file = open(name, O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, (off_t)(count * BASE_PAGE))) fail("the mapped file");
  char *pages = mmap(NULL, count * BASE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (pages == MAP_FAILED) fail("mmap of a file");
  touch(pages, count * BASE_PAGE);
}

static char *heap_pages(size_t count) {
  char *pages = sbrk((intptr_t)(count * BASE_PAGE));
  if (pages == (void *)-1) fail("sbrk");
  touch(pages, count * BASE_PAGE);
  return pages;
}

static void stack_pages(void) {
  char pages[32 * BASE_PAGE];
  touch(pages, sizeof pages);
}

// Ready once all of it is there; ends when told to go. Says how many pages of its anonymous and heap
// memory move_pages(2) finds on each node.
void placed(size_t count) {
  size_t there[2] = {0, 0};
  for (int node = 0; node < 2; node++) {
    allocate_on(node);
    size_t base = count * (1 + (size_t)node);
    there[node] += pages_on(node, base_pages(base), base, BASE_PAGE);
    there[node] += pages_on(node, huge_pages(2), 2 * BASE_PER_HUGE, BASE_PAGE);
    there[node] += pages_on(node, heap_pages(50), 50, BASE_PAGE);
    hugetlb_pages(1);
    file_pages(node, 30);
    if (node) stack_pages();
  }
  printf("pages %zu %zu\n", there[0], there[1]);
  wait_for_go();
}
