// workload NAME COUNT: pages of which some cannot be moved, each program for one cause. As the other
// workloads, it says "ready", waits for a line, moves what it can and says how much that was.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../workload/memory.h"

enum { KEPT = 16 };

static void move(char *pages, size_t count, size_t step, int node) {
  wait_for_go();
  printf("moved %zu\n", move_pages_to(node, pages, count, step));
}

// Pins `length` bytes for as long as the process lives, as a device's buffers are.
static void pin(char *start, size_t length) {
  struct io_uring_params parameters = {0};
  int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
  if (ring < 0) fail("io_uring_setup");
  struct iovec buffer = {start, length};
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, &buffer, 1))
    fail("io_uring_register");
}

static void pinned(size_t count) {
  char *pages = base_pages(count);
  pin(pages, KEPT * BASE_PAGE);
  move(pages, count, BASE_PAGE, 1);
}

static void pinned_huge(size_t count) {
  char *pages = huge_pages(count);
  pin(pages, 2 * HUGE_PAGE);
  move(pages, count, HUGE_PAGE, 1);
}

static void held(size_t count) {
  char *pages = base_pages(count);
  hold(pages, KEPT, BASE_PAGE);
  move(pages, count, BASE_PAGE, 1);
}

static void held_huge(size_t count) {
  char *pages = huge_pages(count);
  hold(pages, 2, HUGE_PAGE);
  move(pages, count, HUGE_PAGE, 1);
}

// Pages of a file in memory, of which a pipe refers to some.
static void held_shmem(size_t count) {
  int file = memfd_create("held", 0), ends[2];
  if (file < 0 || ftruncate(file, count * BASE_PAGE) || pipe(ends)) fail("memfd");
  char *pages = mmap(NULL, count * BASE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (pages == MAP_FAILED) fail("mmap");
  touch(pages, count * BASE_PAGE);
  for (loff_t offset = 0; offset < KEPT * BASE_PAGE;) {
    if (splice(file, &offset, ends[1], NULL, BASE_PAGE, SPLICE_F_NONBLOCK) != BASE_PAGE)
      fail("splice");
  }
  move(pages, count, BASE_PAGE, 1);
}

// Both at once: each has its own cause.
static void both(size_t count) {
  char *pages = base_pages(count);
  hold(pages, KEPT, BASE_PAGE);
  pin(pages + KEPT * BASE_PAGE, 2 * KEPT * BASE_PAGE);
  move(pages, count, BASE_PAGE, 1);
}

static void to_node_2(size_t count) { move(base_pages(count), count, BASE_PAGE, 2); }

static void free_to_go(size_t count) { move(base_pages(count), count, BASE_PAGE, 1); }

static char *shared;
static size_t shared_count;
static volatile int is_moving = 1;

// Touches the pages again and again, and keeps how long that took where it took long.
static void *touch_shared(void *longest_sum) {
  double sum = 0;
  run_on_cpu(1);
  while (is_moving) {
    for (size_t page = 0; page < shared_count; page++) {
      double began = seconds_now();
      ((volatile char *)shared)[page * BASE_PAGE]++;
      sum += seconds_now() - began;
    }
  }
  *(double *)longest_sum = sum;
  return NULL;
}

// A thread touches pages while another moves them to and fro: it has to wait for those that are on
// their way. Says how long all its touches took.
static void touched(size_t count) {
  shared = base_pages(count);
  shared_count = count;
  wait_for_go();
  double touching = 0, end = seconds_now() + 6;
  pthread_t thread;
  if (pthread_create(&thread, NULL, touch_shared, &touching)) fail("pthread_create");
  run_on_cpu(0);
  for (int node = 1; seconds_now() < end; node = !node)
    move_pages_to(node, shared, shared_count, BASE_PAGE);
  is_moving = 0;
  pthread_join(thread, NULL);
  printf("touching %f\n", touching);
}

static const struct {
  const char *name;
  void (*run)(size_t count);
} workloads[] = {
    {"pinned", pinned},         {"pinned-huge", pinned_huge}, {"held", held},
    {"held-huge", held_huge},   {"held-shmem", held_shmem},   {"both", both},
    {"to-node-2", to_node_2},   {"free-to-go", free_to_go},
    {"touched", touched},
};

int main(int count, char **arguments) {
  if (count > 2 && !strcmp(arguments[1], "prefer-node-0")) {
    prefer_node_0();
    execv(arguments[2], arguments + 2);
    fail(arguments[2]);
  }
  for (size_t i = 0; count == 3 && i < sizeof workloads / sizeof *workloads; i++) {
    if (strcmp(arguments[1], workloads[i].name)) continue;
    allocate_on(0);
    workloads[i].run(strtoul(arguments[2], NULL, 10));
    return 0;
  }
  return 64;
}
