#define _GNU_SOURCE
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// From linux/mempolicy.h, named here because libnuma has no static library to link.
enum { MPOL_DEFAULT = 0, MPOL_PREFERRED = 1, MPOL_BIND = 2, MPOL_MF_MOVE = 2, NODE_MASK_BITS = 64 };

_Noreturn void fail(const char *what) {
  fprintf(stderr, "workload: %s: %s\n", what, strerror(errno));
  exit(1);
}

static char *map_anonymous(size_t length) {
  void *start = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) fail("mmap");
  return start;
}

void allocate_on(int node) {
  unsigned long mask = 1UL << node;
  if (syscall(SYS_set_mempolicy, MPOL_BIND, &mask, NODE_MASK_BITS)) fail("set_mempolicy");
}

void prefer_node_0(void) {
  unsigned long mask = 1;
  if (syscall(SYS_set_mempolicy, MPOL_PREFERRED, &mask, NODE_MASK_BITS)) fail("set_mempolicy");
}

void allocate_anywhere(void) {
  if (syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0UL)) fail("set_mempolicy");
}

char *base_pages(size_t count) {
  char *start = map_anonymous(count * BASE_PAGE);
  if (madvise(start, count * BASE_PAGE, MADV_NOHUGEPAGE)) fail("madvise(MADV_NOHUGEPAGE)");
  touch(start, count * BASE_PAGE);
  return start;
}

char *huge_range(size_t count) {
  uintptr_t start = (uintptr_t)map_anonymous((count + 1) * HUGE_PAGE);
  return (char *)((start + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1));
}

// AnonHugePages of this process, in huge pages.
static size_t huge_pages_mapped(void) {
  FILE *file = fopen("/proc/self/smaps_rollup", "r");
  if (!file) fail("/proc/self/smaps_rollup");
  char line[256];
  size_t kilobytes = 0;
  while (fgets(line, sizeof line, file)) sscanf(line, "AnonHugePages: %zu kB", &kilobytes);
  fclose(file);
  return kilobytes * 1024 / HUGE_PAGE;
}

char *huge_pages(size_t count) {
  size_t before = huge_pages_mapped();
  char *start = huge_range(count);
  if (madvise(start, count * HUGE_PAGE, MADV_HUGEPAGE)) fail("madvise(MADV_HUGEPAGE)");
  touch(start, count * HUGE_PAGE);
  if (huge_pages_mapped() - before != count) {
    errno = ENOMEM;
    fail("the kernel gave fewer huge pages than asked for");
  }
  return start;
}

char *hugetlb_pages(size_t count) {
  char *start = mmap(NULL, count * HUGE_PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  if (start == MAP_FAILED) fail("mmap(MAP_HUGETLB)");
  touch(start, count * HUGE_PAGE);
  return start;
}

// One move_pages(2). A null `nodes` only asks where the pages are.
static size_t count_on(int node, char *start, size_t count, size_t step, int *nodes) {
  void **pages = calloc(count, sizeof *pages);
  int *status = calloc(count, sizeof *status);
  if (!pages || !status) fail("calloc");
  for (size_t i = 0; i < count; i++) pages[i] = start + i * step;
  if (syscall(SYS_move_pages, 0, count, pages, nodes, status, MPOL_MF_MOVE) < 0) fail("move_pages");
  size_t there = 0;
  for (size_t i = 0; i < count; i++) there += status[i] == node;
  free(pages);
  free(status);
  return there;
}

size_t pages_on(int node, char *start, size_t count, size_t step) {
  return count_on(node, start, count, step, NULL);
}

size_t move_pages_to(int node, char *start, size_t count, size_t step) {
  int *nodes = calloc(count, sizeof *nodes);
  if (!nodes) fail("calloc");
  for (size_t i = 0; i < count; i++) nodes[i] = node;
  count_on(node, start, count, step, nodes);
  free(nodes);
  return pages_on(node, start, count, step);
}

void hold(char *start, size_t count, size_t step) {
  int ends[2];
  if (pipe(ends)) fail("pipe");
  for (size_t i = 0; i < count; i++) {
    struct iovec page = {start + i * step, BASE_PAGE};
    if (vmsplice(ends[1], &page, 1, SPLICE_F_NONBLOCK) != BASE_PAGE) fail("vmsplice");
  }
}

void bind_range_to(int node, char *start, size_t length) {
  unsigned long mask = 1UL << node;
  if (syscall(SYS_mbind, start, length, MPOL_BIND, &mask, NODE_MASK_BITS, MPOL_MF_MOVE)) fail("mbind");
}

void migrate_process(int pid, int from, int to) {
  unsigned long old = 1UL << from, new = 1UL << to;
  if (syscall(SYS_migrate_pages, pid, NODE_MASK_BITS, &old, &new) < 0) fail("migrate_pages");
}

void run_on_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set)) fail("sched_setaffinity");
}

void touch(char *start, size_t length) {
  // A store, never a load first: that would map the shared zero page, huge or not.
  for (size_t offset = 0; offset < length; offset += BASE_PAGE) ((volatile char *)start)[offset] = 1;
}

double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void write_file(const char *path, const char *text) {
  int file = open(path, O_WRONLY);
  if (file < 0 || write(file, text, strlen(text)) < 0) fail(path);
  close(file);
}

void wait_for_go(void) {
  printf("ready\n");
  fflush(stdout);
  if (getchar() == EOF) fail("waiting for the word to go");
}

void kill_and_wait(int child) {
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}
