// workload NAME COUNT: moves pages to a device's memory and back, with the kernel's own test driver for HMM
// (lib/test_hmm.c), which needs no device. As the other workloads, it says "ready" and waits for a line.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../workload/memory.h"

// lib/test_hmm_uapi.h
struct command {
  uint64_t address, copy, pages, copied, faults;
};
enum { TO_DEVICE = 2, TO_SYSTEM = 3, SET_FLAGS = 8 };
enum { FAIL_NEXT_ALLOCATION = 1 };

static int driver;

// Moving to the device says ENOENT when not all is there then, and has moved the rest.
static void tell(int number, struct command command) {
  if (ioctl(driver, _IOWR('H', number, struct command), &command) && errno != ENOENT) fail("ioctl");
}

static char *copy;

static void move(int number, char *pages, size_t count) {
  tell(number, (struct command){.address = (uintptr_t)pages, .copy = (uintptr_t)copy, .pages = count});
}

static char *range(size_t count, size_t touched) {
  char *pages = mmap(NULL, count * BASE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED || madvise(pages, count * BASE_PAGE, MADV_NOHUGEPAGE)) fail("mmap");
  for (size_t i = 0; i < touched; i++) pages[i * BASE_PAGE] = (char)(i + 1);
  copy = calloc(count, BASE_PAGE);
  return pages;
}

// Touches every page.
static void check(char *pages, size_t count) {
  for (size_t i = 0; i < count; i++)
    if (pages[i * BASE_PAGE] != (char)(i + 1)) fail("a page came back with other bytes");
}

static void there_and_back(size_t count) {
  char *pages = range(count, count);
  wait_for_go();
  move(TO_DEVICE, pages, count);
  move(TO_SYSTEM, pages, count);
  check(pages, count);
}

static void huge(size_t count) {
  char *pages = huge_pages(count / BASE_PER_HUGE);
  copy = calloc(count, BASE_PAGE);
  for (size_t i = 0; i < count; i++) pages[i * BASE_PAGE] = (char)(i + 1);
  wait_for_go();
  move(TO_DEVICE, pages, count);
  move(TO_SYSTEM, pages, count);
  check(pages, count);
}

// A page that is touched while it is on the device comes back by a fault, one at a time.
static void faulted_back(size_t count) {
  char *pages = range(count, count);
  wait_for_go();
  move(TO_DEVICE, pages, count);
  check(pages, count);
}

// Who closes the device takes everybody's pages back from it.
static void cleared(size_t count) {
  char *pages = range(count, count);
  wait_for_go();
  move(TO_DEVICE, pages, count);
  close(driver);
  check(pages, count);
}

static void half_untouched(size_t count) {
  char *pages = range(count, count / 2);
  wait_for_go();
  move(TO_DEVICE, pages, count);
}

// Nothing is there to be collected: no driver takes pages of the system from the system.
static void nothing_there(size_t count) {
  char *pages = range(count, count);
  wait_for_go();
  move(TO_SYSTEM, pages, count);
}

static void held(size_t count) {
  char *pages = range(count, count);
  hold(pages, 16, BASE_PAGE);
  wait_for_go();
  move(TO_DEVICE, pages, count);
}

// The driver has no page for the first.
static void refused(size_t count) {
  char *pages = range(count, count);
  wait_for_go();
  tell(SET_FLAGS, (struct command){.pages = FAIL_NEXT_ALLOCATION});
  move(TO_DEVICE, pages, count);
}

// refer.c: somebody refers to the first pages of each range while it is moved.
static void refer_to(const char *pages) { write_file("/sys/module/refer/parameters/pages", pages); }

static void referred_to(size_t count) {
  char *pages = range(count, count);
  wait_for_go();
  refer_to("16");
  move(TO_DEVICE, pages, count);
  refer_to("0");
}

static void referred_to_there(size_t count) {
  char *pages = range(count, count);
  wait_for_go();
  move(TO_DEVICE, pages, count);
  refer_to("16");
  move(TO_SYSTEM, pages, count);
  refer_to("0");
}

static void referred_to_huge(size_t count) {
  char *pages = huge_pages(count / BASE_PER_HUGE);
  copy = calloc(count, BASE_PAGE);
  wait_for_go();
  refer_to("1");
  move(TO_DEVICE, pages, count);
  refer_to("0");
}

static const struct {
  const char *name;
  void (*run)(size_t count);
} workloads[] = {
    {"there-and-back", there_and_back}, {"faulted-back", faulted_back},
    {"half-untouched", half_untouched}, {"nothing-there", nothing_there},
    {"held", held},                     {"huge", huge},
    {"cleared", cleared},               {"refused", refused},
    {"referred-to", referred_to},       {"referred-to-there", referred_to_there},
    {"referred-to-huge", referred_to_huge},
};

int main(int count, char **arguments) {
  if (count > 2 && !strcmp(arguments[1], "prefer-node-0")) {
    execv(arguments[2], arguments + 2);
    fail(arguments[2]);
  }
  for (size_t i = 0; count == 3 && i < sizeof workloads / sizeof *workloads; i++) {
    if (strcmp(arguments[1], workloads[i].name)) continue;
    driver = open("/dev/hmm_dmirror0", O_RDWR);
    if (driver < 0) fail("/dev/hmm_dmirror0");
    workloads[i].run(strtoul(arguments[2], NULL, 10));
    return 0;
  }
  return 64;
}
