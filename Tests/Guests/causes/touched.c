#define _GNU_SOURCE
#include "touched.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>

#include "../workload/memory.h"

enum { HUGE_PAGES = 4, SECONDS = 6 };

// How long this thread ran, and how long it could have run and did not: the first two numbers of its schedstat.
struct times {
  double at_it, ran, queued;
};

static struct times times_now(void) {
  FILE *file = fopen("/proc/thread-self/schedstat", "r");
  struct times times = {.at_it = seconds_now()};
  if (!file || fscanf(file, "%lf %lf", &times.ran, &times.queued) != 2) fail("schedstat");
  fclose(file);
  times.ran /= 1e9;
  times.queued /= 1e9;
  return times;
}

static char *shared;
static size_t shared_count, page_size;
static volatile bool is_moving;

// The stopwatch.
static double slept, queued;

static void *touch_shared(void *nothing) {
  run_on_cpu(1);
  struct times before = times_now();
  while (is_moving)
    for (size_t page = 0; page < shared_count; page++) ((volatile char *)shared)[page * page_size]++;
  struct times after = times_now();
  queued = after.queued - before.queued;
  slept = after.at_it - before.at_it - (after.ran - before.ran) - queued;
  return nothing;
}

static void touch_and_move(const char *name, char *pages, size_t count, size_t size) {
  shared = pages;
  shared_count = count;
  page_size = size;
  is_moving = true;
  pthread_t thread;
  if (pthread_create(&thread, NULL, touch_shared, NULL)) fail("pthread_create");
  run_on_cpu(0);
  double end = seconds_now() + SECONDS;
  for (int node = 1; seconds_now() < end; node = !node) move_pages_to(node, shared, count, size);
  is_moving = false;
  pthread_join(thread, NULL);
  printf("%s: slept %f queued %f\n", name, slept, queued);
}

void touched(size_t count) {
  char *base = base_pages(count), *huge = huge_pages(HUGE_PAGES), *hugetlb = hugetlb_pages(HUGE_PAGES);
  wait_for_go();
  touch_and_move("base", base, count, BASE_PAGE);
  touch_and_move("thp", huge, HUGE_PAGES, HUGE_PAGE);
  touch_and_move("hugetlb", hugetlb, HUGE_PAGES, HUGE_PAGE);
}
