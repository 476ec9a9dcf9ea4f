// Puts memory into a state that makes the kernel migrate pages, or fail to, and keeps it so.
//
//   provoke low MEGABYTES        so much memory, then only the quarter lowest in the machine: compaction
//                                moves all of it up
//   provoke held-low MEGABYTES   the same of a file, held by pipes: compaction tries, and fails
//   provoke pinned-low MEGABYTES the same, pinned for long by io_uring, 64 MEGABYTES of it at most
//   provoke thp MEGABYTES        transparent huge pages
//   provoke held-thp FILE MEGABYTES   a file's huge pages, a small page of every second in a pipe
//
// Prints "ready" and how many pages (or huge pages) are so, then stays until it is ended.

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20, PAGE = 4096, HUGE_PAGE = 2 * MEGABYTE, PIPE_PLACES = 256 };

static char *memory(size_t bytes, int advice) {
  char *start = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0);
  if (start == MAP_FAILED) err(1, "mmap");
  start += -(unsigned long)start % HUGE_PAGE;
  if (madvise(start, bytes, advice)) err(1, "madvise");
  for (size_t offset = 0; offset < bytes; offset += 4096) start[offset] = 1;
  return start;
}

static int ascending(const void *a, const void *b) {
  uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
  return left < right ? -1 : left > right;
}

// The frame each page lies in (Documentation/admin-guide/mm/pagemap.rst), and the one a quarter is below.
static uint64_t *frames(const char *start, size_t pages, uint64_t *bound) {
  uint64_t *frames = malloc(pages * 8), *sorted = malloc(pages * 8);
  int pagemap = open("/proc/self/pagemap", O_RDONLY);
  off_t offset = (uintptr_t)start / PAGE * 8;
  if (pread(pagemap, frames, pages * 8, offset) != (ssize_t)pages * 8) err(1, "pagemap");
  close(pagemap);
  for (size_t page = 0; page < pages; page++) frames[page] &= (1UL << 55) - 1;
  memcpy(sorted, frames, pages * 8);
  qsort(sorted, pages, 8, ascending);
  *bound = sorted[pages / 4];
  free(sorted);
  return frames;
}

static long low(size_t megabytes) {
  size_t pages = megabytes * MEGABYTE / PAGE;
  char *start = memory(pages * PAGE, MADV_NOHUGEPAGE);
  uint64_t bound, *frame = frames(start, pages, &bound);
  for (size_t page = 0; page < pages; page++) {
    if (frame[page] >= bound) madvise(start + page * PAGE, PAGE, MADV_DONTNEED);
  }
  return pages / 4;
}

static long thp(size_t megabytes) {
  memory(megabytes * MEGABYTE, MADV_HUGEPAGE);
  return megabytes / 2;
}

// A file of so many megabytes, written in pieces of a huge page.
static int file_of(const char *path, size_t megabytes) {
  int file = path ? open(path, O_RDWR | O_CREAT | O_TRUNC, 0600) : memfd_create("held", 0);
  if (file < 0) err(1, "open");
  char *piece = malloc(HUGE_PAGE);
  memset(piece, 7, HUGE_PAGE);
  for (size_t written = 0; written < megabytes; written += 2) {
    if (write(file, piece, HUGE_PAGE) != HUGE_PAGE) err(1, "write");
  }
  free(piece);
  return file;
}

static void open_pipe(int *ends) {
  if (pipe(ends) || fcntl(ends[1], F_SETPIPE_SZ, PIPE_PLACES * PAGE) < 0) err(1, "pipe");
}

// Lets the pipe refer to a page of the file.
static int hold(int file, loff_t offset, int pipe_end) {
  return splice(file, &offset, pipe_end, NULL, PAGE, SPLICE_F_NONBLOCK) == PAGE;
}

static long held_low(size_t megabytes) {
  size_t pages = megabytes * MEGABYTE / PAGE;
  int file = file_of(NULL, megabytes);
  char *start = mmap(NULL, pages * PAGE, PROT_READ, MAP_SHARED | MAP_POPULATE, file, 0);
  if (start == MAP_FAILED) err(1, "mmap");
  uint64_t bound, *frame = frames(start, pages, &bound);
  munmap(start, pages * PAGE);
  long held = 0;
  int ends[2];
  for (size_t page = 0; page < pages; page++) {
    if (frame[page] >= bound) {
      if (fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, page * PAGE, PAGE))
        err(1, "fallocate");
    } else {
      if (held % PIPE_PLACES == 0) open_pipe(ends);
      if (!hold(file, page * PAGE, ends[1])) err(1, "splice");
      held++;
    }
  }
  return held;
}

// Pins so many pages until the process ends, as a device's buffers are.
static void pin(const struct iovec *pages, size_t count) {
  struct io_uring_params parameters = {0};
  int ring = syscall(SYS_io_uring_setup, 1, &parameters);
  if (ring < 0) err(1, "io_uring_setup");
  if (syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, pages, count))
    err(1, "io_uring_register");
}

static long pinned_low(size_t megabytes) {
  enum { PINS = 1 << 14 };
  size_t pages = megabytes * MEGABYTE / PAGE, pinned = 0;
  int file = file_of(NULL, megabytes);
  char *start = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
  if (start == MAP_FAILED) err(1, "mmap");
  uint64_t bound, *frame = frames(start, pages, &bound);
  struct iovec *pins = malloc(PINS * sizeof *pins);
  for (size_t page = 0; page < pages; page++) {
    if (frame[page] < bound && pinned < PINS)
      pins[pinned++] = (struct iovec){start + page * PAGE, PAGE};
  }
  pin(pins, pinned);
  for (size_t page = 0; page < pages; page++) {
    if (frame[page] >= bound &&
        fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, page * PAGE, PAGE))
      err(1, "fallocate");
  }
  return pinned;
}

static long held_thp(const char *path, size_t megabytes) {
  int file = file_of(path, megabytes);
  long held = 0;
  int ends[2];
  for (loff_t offset = 0; offset < (loff_t)megabytes * MEGABYTE; offset += 2 * HUGE_PAGE) {
    if (held % PIPE_PLACES == 0) open_pipe(ends);
    if (!hold(file, offset, ends[1])) err(1, "splice");
    held++;
  }
  return held;
}

int main(int count, char **arguments) {
  const char *what = count > 2 ? arguments[1] : "";
  size_t megabytes = count > 2 ? strtoul(arguments[count - 1], NULL, 10) : 0;
  long made = 0;
  if (!strcmp(what, "low")) made = low(megabytes);
  else if (!strcmp(what, "held-low")) made = held_low(megabytes);
  else if (!strcmp(what, "pinned-low")) made = pinned_low(megabytes);
  else if (!strcmp(what, "thp")) made = thp(megabytes);
  else if (!strcmp(what, "held-thp") && count == 4) made = held_thp(arguments[2], megabytes);
  else errx(64, "usage: provoke low|held-low|pinned-low|thp MEGABYTES, or held-thp FILE MEGABYTES");
  printf("ready %ld\n", made);
  fflush(stdout);
  for (;;) pause();
}
