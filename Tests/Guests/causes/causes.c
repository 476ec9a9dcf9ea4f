// workload NAME COUNT: pages of which some cannot be moved, each program for one cause. As the other
// workloads, it says "ready", waits for a line, moves what it can and says how much that was.
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/io_uring.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../workload/memory.h"
#include "disk.h"
#include "touched.h"

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

// The first pages of a disk with a file system that is mounted: it keeps the buffers of its superblock
// and of its group descriptors.
static void buffers_busy(size_t count) {
  int disk = open("/dev/ram0", O_RDONLY);
  char *pages = disk < 0 ? MAP_FAILED : mmap(NULL, count * BASE_PAGE, PROT_READ, MAP_SHARED, disk, 0);
  if (pages == MAP_FAILED) fail("/dev/ram0");
  for (size_t i = 0; i < count; i++) (void)((volatile char *)pages)[i * BASE_PAGE];
  move(pages, count, BASE_PAGE, 1);
}

static void live_on(int number) { (void)number; }

// Huge pages of which a pipe refers to two, so that they cannot be split; and the first page of each of these is
// said to be broken.
static void memory_error(size_t count) {
  char *pages = huge_pages(count);
  hold(pages, 2, HUGE_PAGE);
  signal(SIGBUS, live_on);
  for (size_t i = 0; i < 2; i++) madvise(pages + i * HUGE_PAGE, BASE_PAGE, MADV_HWPOISON);
  move(pages, count, HUGE_PAGE, 1);
}

// From linux/kvm.h of 6.18.
struct guest_memory {
  unsigned long long size, flags, reserved[6];
};
#define CREATE_GUEST_MEMORY _IOWR(KVMIO, 0xd4, struct guest_memory)
enum { CAN_BE_MAPPED = 1, IS_SHARED_AT_FIRST = 2 };

// Memory of a guest, which its host may not look into.
static void inaccessible(size_t count) {
  struct guest_memory memory = {count * BASE_PAGE, CAN_BE_MAPPED | IS_SHARED_AT_FIRST, {0}};
  int kvm = open("/dev/kvm", O_RDWR);
  int guest = kvm < 0 ? -1 : ioctl(kvm, KVM_CREATE_VM, 0);
  if (guest < 0) fail("/dev/kvm");
  int file = ioctl(guest, CREATE_GUEST_MEMORY, &memory);
  if (file < 0) fail("KVM_CREATE_GUEST_MEMFD");
  char *pages = mmap(NULL, memory.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (pages == MAP_FAILED) fail("mmap");
  touch(pages, memory.size);
  move(pages, count, BASE_PAGE, 1);
}

// The number after a name at the beginning of a line of /proc/vmstat.
static long vmstat(const char *name) {
  FILE *file = fopen("/proc/vmstat", "r");
  if (!file) fail("/proc/vmstat");
  char line[256];
  long number = -1;
  while (number < 0 && fgets(line, sizeof line, file))
    if (!strncmp(line, name, strlen(name))) number = strtol(line + strlen(name), NULL, 10);
  fclose(file);
  return number;
}

enum { NEARLY_ALL = 28000, CHUNKS = NEARLY_ALL / BASE_PER_HUGE };

static void give_back(char *pages, size_t first, size_t past) {
  for (size_t page = first; page < past; page++)
    if ((page % BASE_PER_HUGE || page / BASE_PER_HUGE >= CHUNKS) &&
        madvise(pages + page * BASE_PAGE, BASE_PAGE, MADV_DONTNEED))
      fail("madvise(MADV_DONTNEED)");
}

// One page in each huge page's range of node 2, CHUNKS in all. Its memory is free but for these, and all of it in
// pieces, so that compaction thinks it worth its while. What is asked of node 2 next is in its middle, whence
// compaction moves it.
static char *pieces_of_node_2(void) {
  allocate_on(2);
  char *pages = base_pages(NEARLY_ALL);
  size_t middle = NEARLY_ALL / 2;
  give_back(pages, 0, middle);
  give_back(pages, middle + BASE_PER_HUGE, NEARLY_ALL);
  give_back(pages, middle, middle + BASE_PER_HUGE);
  allocate_on(0);  // Whatever else the process asks for is not to be there
  return pages;
}

static void advise_pieces(char *pages, int advice) {
  for (size_t i = 0; i < CHUNKS; i++)
    if (madvise(pages + i * HUGE_PAGE, BASE_PAGE, advice)) fail("madvise");
}

// Kcompactd, which does not wait for a disk. It goes where memory is in pieces: node 2, and no other.
static void have_kcompactd_come_by(void) {
  long before = vmstat("pgmigrate_fail ");
  for (double end = seconds_now() + 20; vmstat("pgmigrate_fail ") == before && seconds_now() < end; usleep(100000))
    write_file("/proc/sys/vm/compaction_proactiveness", "40");
  sleep(2);
  write_file("/proc/sys/vm/compaction_proactiveness", "0");
  sleep(1);
}

// Reads pages from another node's processor, until NUMA balancing has failed to bring one there.
static void have_balancing_come_by(char *pages, size_t count) {
  run_on_cpu(1);
  write_file("/proc/sys/kernel/numa_balancing", "1");
  long before = vmstat("pgmigrate_fail ");
  for (double end = seconds_now() + 40; vmstat("pgmigrate_fail ") == before && seconds_now() < end;)
    for (size_t i = 0; i < count; i++) (void)((volatile char *)pages)[i * BASE_PAGE];
  write_file("/proc/sys/kernel/numa_balancing", "0");
}

// Pages on their way to the disk.
static void writeback(size_t count) {
  swap_to_disk();
  char *pages = base_pages(count);
  allocate_anywhere();
  wait_for_go();
  silence_disk();
  if (madvise(pages, count * BASE_PAGE, MADV_PAGEOUT)) fail("MADV_PAGEOUT");
  have_balancing_come_by(pages, count);
  answer_for_disk();
  stop_disk();
}

// The disk's own pages, as of a file.
static void writeback_of_file(size_t count) {
  int file = attach_disk();
  size_t length = count * BASE_PAGE;
  char *pages = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (pages == MAP_FAILED) fail("mmap");
  touch(pages, length);
  allocate_anywhere();
  wait_for_go();
  silence_disk();
  if (sync_file_range(file, 0, length, SYNC_FILE_RANGE_WRITE)) fail("sync_file_range");
  have_balancing_come_by(pages, count);
  answer_for_disk();
  if (munmap(pages, length)) fail("munmap");
  stop_disk();
}

// Pages on their way from the disk.
static void locked(size_t count) {
  if (count != CHUNKS) fail("count");
  swap_to_disk();
  char *pages = pieces_of_node_2();
  advise_pieces(pages, MADV_PAGEOUT);
  while (vmstat("nr_writeback ") > 0) usleep(10000);
  // They are in memory as well as on the disk; those that are read, and nothing more, need not be written again.
  for (size_t i = 0; i < count; i++) (void)((volatile char *)pages)[i * HUGE_PAGE];
  advise_pieces(pages, MADV_PAGEOUT);
  wait_for_go();
  silence_disk();
  allocate_on(2);
  advise_pieces(pages, MADV_WILLNEED);
  allocate_on(0);
  have_kcompactd_come_by();
  answer_for_disk();
  stop_disk();
}

static int compressed;
static char *read_there;
static size_t blocks_to_read;
static volatile int is_reading;

static void *read_again_and_again(void *nothing) {
  run_on_cpu(1);
  for (size_t i = 0; is_reading; i = (i + 1) % blocks_to_read)
    if (pread(compressed, read_there, BASE_PAGE, i * BASE_PAGE) != BASE_PAGE) fail("pread");
  return nothing;
}

// Blocks of a disk that zsmalloc keeps, in the middle of node 2.
static void compress(size_t count) {
  write_file("/sys/block/zram0/reset", "1");
  write_file("/sys/block/zram0/disksize", "16M");
  compressed = open("/dev/zram0", O_RDWR | O_DIRECT);
  if (compressed < 0) fail("/dev/zram0");
  allocate_on(2);
  char *block = base_pages(1);
  for (size_t i = 0; i < BASE_PAGE / 2; i++) block[i] = (char)rand();
  for (size_t i = 0; i < count; i++)
    if (pwrite(compressed, block, BASE_PAGE, i * BASE_PAGE) != BASE_PAGE) fail("pwrite");
  munmap(block, BASE_PAGE);
  allocate_on(0);
}

// A page of zsmalloc is not moved while somebody reads it: sooner or later one is met so.
static void driver(size_t count) {
  read_there = base_pages(1);
  blocks_to_read = count;
  run_on_cpu(0);
  wait_for_go();
  long before = vmstat("pgmigrate_fail ");
  for (double end = seconds_now() + 60; vmstat("pgmigrate_fail ") == before && seconds_now() < end;) {
    pthread_t thread;
    char *pieces = pieces_of_node_2();
    compress(count);
    is_reading = 1;
    if (pthread_create(&thread, NULL, read_again_and_again, NULL)) fail("pthread_create");
    usleep(100000);
    write_file("/sys/devices/system/node/node2/compact", "1");
    is_reading = 0;
    pthread_join(thread, NULL);
    close(compressed);
    munmap(pieces, NEARLY_ALL * BASE_PAGE);
  }
}

static const struct {
  const char *name;
  void (*run)(size_t count);
} workloads[] = {
    {"pinned", pinned},         {"pinned-huge", pinned_huge}, {"held", held},
    {"held-huge", held_huge},   {"held-shmem", held_shmem},   {"both", both},
    {"to-node-2", to_node_2},   {"free-to-go", free_to_go},
    {"buffers-busy", buffers_busy}, {"touched", touched},
    {"memory-error", memory_error}, {"inaccessible", inaccessible},
    {"writeback", writeback},   {"locked", locked},           {"driver", driver},
    {"writeback-of-file", writeback_of_file},
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
