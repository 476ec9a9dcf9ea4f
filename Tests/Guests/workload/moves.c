// Pages moved because a program asked: move_pages(2), migrate_pages(2), mbind(2).
#define _GNU_SOURCE
#include "workloads.h"

#include <stdio.h>
#include <unistd.h>

#include "memory.h"

void move_base(size_t count) {
  allocate_on(0);
  char *pages = base_pages(count);
  wait_for_go();
  printf("moved %zu\n", move_pages_to(1, pages, count, BASE_PAGE));
}

void move_huge(size_t count) {
  allocate_on(0);
  char *pages = huge_pages(count);
  wait_for_go();
  printf("moved %zu\n", move_pages_to(1, pages, count, HUGE_PAGE));
}

// A page that something else holds a reference on cannot be moved: 16 of `count` are held.
void move_held(size_t count) {
  allocate_on(0);
  char *pages = base_pages(count);
  hold(pages, 16, BASE_PAGE);
  wait_for_go();
  printf("moved %zu\n", move_pages_to(1, pages, count, BASE_PAGE));
}

// The same for huge pages: one base page of each of the first two is held.
void move_huge_held(size_t count) {
  allocate_on(0);
  char *pages = huge_pages(count);
  hold(pages, 2, HUGE_PAGE);
  wait_for_go();
  printf("moved %zu\n", move_pages_to(1, pages, count, HUGE_PAGE));
}

// Pages two processes map are not moved without MPOL_MF_MOVE_ALL, and that refusal is not counted.
void move_shared(size_t count) {
  allocate_on(0);
  char *pages = base_pages(count);
  int child = fork();
  if (child < 0) fail("fork");
  if (child == 0) pause();
  wait_for_go();
  printf("moved %zu\n", move_pages_to(1, pages, count, BASE_PAGE));
  kill_and_wait(child);
}

void bind_base(size_t count) {
  allocate_on(0);
  char *pages = base_pages(count);
  wait_for_go();
  bind_range_to(1, pages, count * BASE_PAGE);
  printf("moved %zu\n", pages_on(1, pages, count, BASE_PAGE));
}

// migrate_pages(2) takes the whole process, so its libc and stack pages move too.
void migrate_base(size_t count) {
  allocate_on(0);
  char *pages = base_pages(count);
  wait_for_go();
  migrate_process(0, 0, 1);
  printf("moved %zu\n", pages_on(1, pages, count, BASE_PAGE));
}

void migrate_huge(size_t count) {
  allocate_on(0);
  char *pages = huge_pages(count);
  wait_for_go();
  migrate_process(0, 0, 1);
  printf("moved %zu\n", pages_on(1, pages, count, HUGE_PAGE));
}
