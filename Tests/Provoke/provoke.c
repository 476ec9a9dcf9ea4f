// Puts memory into a state that makes the kernel migrate pages, or fail to, and keeps it so.
//
//   provoke fragmented MEGABYTES     small pages, every other one given back: work for compaction
//   provoke pinned MEGABYTES         pages of a file that pipes refer to: compaction fails on them
//   provoke thp MEGABYTES            transparent huge pages
//   provoke pinned-thp FILE MEGABYTES   a file's huge pages, a small page of every second in a pipe
//
// Prints "ready" and how many pages (or huge pages) are so, then waits for its input to end.

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MEGABYTE = 1 << 20, HUGE_PAGE = 2 * MEGABYTE, PIPE_PLACES = 16 };

static char *memory(size_t bytes, int advice) {
  char *start = mmap(NULL, bytes + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
                     -1, 0);
  if (start == MAP_FAILED) err(1, "mmap");
  start += -(unsigned long)start % HUGE_PAGE;
  if (madvise(start, bytes, advice)) err(1, "madvise");
  for (size_t offset = 0; offset < bytes; offset += 4096) start[offset] = 1;
  return start;
}

static long fragmented(size_t megabytes) {
  size_t bytes = megabytes * MEGABYTE;
  char *start = memory(bytes, MADV_NOHUGEPAGE);
  for (size_t offset = 0; offset < bytes; offset += 2 * 4096) {
    if (madvise(start + offset, 4096, MADV_DONTNEED)) err(1, "madvise");
  }
  return bytes / 2 / 4096;
}

static long thp(size_t megabytes) {
  memory(megabytes * MEGABYTE, MADV_HUGEPAGE);
  return megabytes / 2;
}

// A file of so many megabytes, written in pieces of a huge page.
static int file_of(const char *path, size_t megabytes) {
  int file = path ? open(path, O_RDWR | O_CREAT | O_TRUNC, 0600) : memfd_create("pinned", 0);
  if (file < 0) err(1, "open");
  char *piece = malloc(HUGE_PAGE);
  memset(piece, 7, HUGE_PAGE);
  for (size_t written = 0; written < megabytes; written += 2) {
    if (write(file, piece, HUGE_PAGE) != HUGE_PAGE) err(1, "write");
  }
  free(piece);
  return file;
}

// A pipe that holds references to `bytes` of the file; how many it took.
static long hold(int file, loff_t offset, int pipe_end, long bytes) {
  long held = 0;
  while (held < bytes) {
    ssize_t moved = splice(file, &offset, pipe_end, NULL, bytes - held, SPLICE_F_NONBLOCK);
    if (moved <= 0) break;
    held += moved;
  }
  return held;
}

static long pinned(size_t megabytes) {
  int file = file_of(NULL, megabytes);
  long pages = 0;
  for (size_t megabyte = 0; megabyte < megabytes; megabyte++) {
    int ends[2];
    if (pipe(ends) || fcntl(ends[1], F_SETPIPE_SZ, MEGABYTE) < 0) err(1, "pipe");
    pages += hold(file, (loff_t)megabyte * MEGABYTE, ends[1], MEGABYTE) / 4096;
  }
  return pages;
}

static long pinned_thp(const char *path, size_t megabytes) {
  int file = file_of(path, megabytes);
  long huge_pages = 0;
  int ends[2];
  for (size_t pin = 0; pin < megabytes / 4; pin++) {
    if (pin % PIPE_PLACES == 0 && pipe(ends)) err(1, "pipe");
    huge_pages += hold(file, (loff_t)pin * 2 * HUGE_PAGE, ends[1], 4096) == 4096;
  }
  return huge_pages;
}

int main(int count, char **arguments) {
  const char *what = count > 2 ? arguments[1] : "";
  size_t megabytes = count > 2 ? strtoul(arguments[count - 1], NULL, 10) : 0;
  long made = 0;
  if (!strcmp(what, "fragmented")) made = fragmented(megabytes);
  else if (!strcmp(what, "pinned")) made = pinned(megabytes);
  else if (!strcmp(what, "thp")) made = thp(megabytes);
  else if (!strcmp(what, "pinned-thp") && count == 4) made = pinned_thp(arguments[2], megabytes);
  else errx(64, "usage: provoke fragmented|pinned|thp MEGABYTES, or pinned-thp FILE MEGABYTES");
  printf("ready %ld\n", made);
  fflush(stdout);
  while (getchar() != EOF) {}
  return 0;
}
