// situations NAME COUNT: a machine in trouble, of one kind each. As the other workloads, it says "ready"
// once the trouble is there; a line on standard input ends it.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../workload/memory.h"

// As `run` makes it, at the beginning of its disk.
#define SWAP_BYTES (1536l << 20)

static int is_told_to_end(void) {
  struct pollfd input = {.fd = 0, .events = POLLIN};
  return poll(&input, 1, 0) > 0;
}

static void ready(void) {
  puts("ready");
  fflush(stdout);
}

// A task that hops between the nodes' processors as soon as its memory has followed it: balancing moves
// all of it again and again. It needs two faults of a page, a scan apart, before it moves that page.
static void hopping(size_t count) {
  run_on_cpu(0);
  char *pages = base_pages(count);
  allocate_anywhere();
  ready();
  for (int node = 1; !is_told_to_end(); node = !node) {
    run_on_cpu(node);
    double end = seconds_now() + 10;
    do touch(pages, count * BASE_PAGE);
    while (seconds_now() < end && !is_told_to_end() && pages_on(node, pages, count, BASE_PAGE) < count / 2);
  }
}

// More hot memory than the fast node has: what is promoted pushes out what was promoted before.
static void circling(size_t count) {
  run_on_cpu(0);
  allocate_anywhere();
  char *pages = base_pages(count);
  ready();
  while (!is_told_to_end()) touch(pages, count * BASE_PAGE);
}

// The number after a name at the beginning of a line of a file of the kernel.
static long number_in(const char *path, const char *name) {
  FILE *file = fopen(path, "r");
  if (!file) fail(path);
  char line[256];
  long number = -1;
  while (number < 0 && fgets(line, sizeof line, file))
    if (!strncmp(line, name, strlen(name))) number = strtol(line + strlen(name), NULL, 10);
  fclose(file);
  return number;
}

static void lock(char *pages, size_t count) {
  if (mlock(pages, count * BASE_PAGE)) fail("mlock");
}

static long swapped_out(void) { return number_in("/proc/vmstat", "pswpout "); }

static long free_on(int node) {
  char path[64];
  snprintf(path, sizeof path, "/sys/devices/system/node/node%d/vmstat", node);
  return number_in(path, "nr_free_pages ");
}

// Whether kswapd has given a node up: it found nothing to reclaim there, sixteen times.
static int is_given_up(int node) {
  FILE *file = fopen("/proc/zoneinfo", "r");
  if (!file) fail("/proc/zoneinfo");
  char line[256];
  int at = -1, given_up = 0, value;
  while (fgets(line, sizeof line, file)) {
    sscanf(line, "Node %d,", &at);
    if (at == node && sscanf(line, " node_unreclaimable: %d", &value) == 1) given_up |= value;
  }
  fclose(file);
  return given_up;
}

// What stands on the disk behind the swap, as `count` pages of the page cache.
static char *cached(size_t count) {
  int disk = open("/dev/vda", O_RDONLY);
  char *pages = mmap(NULL, count * BASE_PAGE, PROT_READ, MAP_SHARED, disk, SWAP_BYTES);
  if (disk < 0 || pages == MAP_FAILED) fail("/dev/vda");
  close(disk);
  return pages;
}

// `count` pages on node 1 and more, all locked, until next to none of it is free, and kswapd has given the node
// up. Then those of them that a disk has may go, but nobody looks; and, piece by piece, more is taken than node 0 has. Nothing
// can be demoted, until somebody reclaims node 1.
static void overflowing(size_t count) {
  enum { PIECE = 1024, PIECES = 512, FREE = 1500, FULL = 30000, SWAPPED = 4000, CACHED = 24576 };  // pages of 4 KB
  write_file("/proc/sys/vm/min_free_kbytes", "4096");
  allocate_on(1);
  char *file = cached(CACHED);
  lock(file, CACHED);
  lock(base_pages(count - CACHED), count - CACHED);
  while (free_on(1) > FREE) lock(base_pages(256), 256);
  write_file("/proc/sys/vm/min_free_kbytes", "65536");

  run_on_cpu(0);
  allocate_on(0);
  size_t have = 0;
  long before = swapped_out();
  while (have++ < PIECES && (free_on(0) > FULL || swapped_out() - before < SWAPPED)) base_pages(PIECE);
  for (int tries = 0; !is_given_up(1); usleep(100000))
    if (tries++ == 300) fail("kswapd does not give node 1 up");
  munlock(file, CACHED * BASE_PAGE);
  munmap(file, CACHED * BASE_PAGE);
  ready();
  for (size_t more = 0; !is_told_to_end(); usleep(200000))
    if (more++ < PIECES / 2) base_pages(PIECE);
}

// Huge pages that are asked to another node again and again, as a placement daemon does; a pipe refers to three of four.
static void stuck(size_t count) {
  char *start = huge_pages(count);
  for (size_t i = 0; i + 4 <= count; i += 4) hold(start + i * HUGE_PAGE, 3, HUGE_PAGE);
  ready();
  for (int node = 1; !is_told_to_end(); node = !node) {
    move_pages_to(node, start, count, HUGE_PAGE);
    usleep(500000);
  }
}

// Memory on node 2, of which a pipe refers to a page in each part.
static void held(size_t count) {
  allocate_on(2);
  char *pages = base_pages(count);
  hold(pages, 16, count / 16 * BASE_PAGE);
  allocate_anywhere();
  wait_for_go();
}

// All of node 0 and more, every second page of it given back: what is free there is in pieces.
static void scattered(size_t count) {
  char *pages = base_pages(count);
  for (size_t i = 0; i < count; i += 2)
    if (madvise(pages + i * BASE_PAGE, BASE_PAGE, MADV_DONTNEED)) fail("madvise(MADV_DONTNEED)");
  wait_for_go();
}

static const struct {
  const char *name;
  void (*run)(size_t count);
} situations[] = {
    {"hopping", hopping}, {"circling", circling}, {"overflowing", overflowing},
    {"held", held},       {"scattered", scattered}, {"stuck", stuck},
};

int main(int argument_count, char **arguments) {
  if (argument_count > 2 && !strcmp(arguments[1], "prefer-node-0")) {
    prefer_node_0();
    execv(arguments[2], arguments + 2);
    fail(arguments[2]);
  }
  for (size_t i = 0; argument_count == 3 && i < sizeof situations / sizeof *situations; i++) {
    if (strcmp(arguments[1], situations[i].name)) continue;
    situations[i].run(strtoul(arguments[2], NULL, 10));
    return 0;
  }
  fprintf(stderr, "usage: situations NAME COUNT\n");
  return 64;
}
