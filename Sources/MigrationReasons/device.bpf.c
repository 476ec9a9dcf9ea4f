// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Counts the pages that drivers move to and from the memory of devices (HMM, mm/migrate_device.c). It is
// another way than migrate_pages(), and the kernel keeps no counter of it.
//
// A driver moves a range of a process's addresses, to the device or back:
//
//   begun       entry of migrate_vma_setup(), which takes the range's pages away from the process
//   collected   its return: where it could take none, that is the end of it
//   settled     entry of migrate_vma_finalize(): all that will move has moved, the others go back
//   ended       its return
//
// Or it clears the device's memory, wherever that is mapped (eviction):
//
//   begun_device     entry of migrate_device_range() or migrate_device_pfns()
//   settled_device   entry of migrate_device_finalize(); some kernels call it for the first way, too
//   ended_device     its return
//
// What became of each page is written in two arrays: where it was, and where it went.

#include "ebpf.h"

#define from_kernel __attribute__((preserve_access_index))

static long (*const repeat)(u32 times, void *body, void *context, u64 flags) = (void *)181;

// ---- Shared with DeviceLayout.swift: change both. ------------------------------------------------

enum direction { TO_DEVICE, FROM_DEVICE, DIRECTIONS };

enum stage {
  NOT_COLLECTED,  // could not be taken away from the process: file memory, locked, referred to
  NO_TARGET,      // the driver gave no page to move it to
  NOT_MOVED,      // was referred to by another when it was to be moved
  UNSEEN,         // beyond what is looked at
  STAGES,
};

struct device_counts {
  u64 calls;
  u64 pages_migrated;
  u64 pages_populated;  // Made on the device where there was none
  u64 pages_failed[STAGES];
  u64 duration_nanoseconds;
  u64 duration_buckets[BUCKETS];
};

struct slot {
  struct device_counts directions[DIRECTIONS];
  u64 padding[2];
};

const volatile struct {
  u64 bounds[BOUNDS];
  u32 pages_of_huge_page;
  u32 slots;
} settings = {.pages_of_huge_page = 512, .slots = 1};

// ---- What of the kernel's types is needed (include/linux/migrate.h) ------------------------------

enum migrate_vma_direction { MIGRATE_VMA_SELECT_SYSTEM };

struct migrate_vma {
  unsigned long *dst, *src;
  unsigned long cpages, npages, flags;
} from_kernel;

#define value(type, name) __builtin_preserve_enum_value(*(enum type *)name, 1)
#define get(to, of, name) read_kernel(&(to), sizeof(to), &(of)->name)

// The bits of an entry of either array. No BTF has them, and none has changed since there are any.
enum { VALID = 0, MIGRATE = 1, COMPOUND = 4 };

inlined u64 bit(u64 entry, u32 number) { return entry >> number & 1; }

// ---- Maps ----------------------------------------------------------------------------------------

// One slot per CPU, mapped into the reader's memory.
struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, 1);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct slot);
} moves SECTION(".maps");

// What a thread is at; nothing where `began` is 0.
struct move {
  u64 began;
  u64 sources;  // Where the array is that was looked at already
  u64 direction;
  // What the arrays tell, summed here: the kernel's verifier follows every value of a local variable.
  u64 migrated, populated, no_target, not_moved;
};

struct {
  NUMBER(type, MAP_LRU_HASH);
  NUMBER(max_entries, 4096);
  TYPE(key, u32);
  TYPE(value, struct move);
} moves_by_thread SECTION(".maps");

inlined struct move *current_move(void) {
  u32 thread = current_thread();
  return look_up(&moves_by_thread, &thread);
}

inlined struct device_counts *counts_of(u32 direction) {
  u32 cpu = current_cpu() % settings.slots;
  struct slot *slot = look_up(&moves, &cpu);
  return slot ? &slot->directions[direction == TO_DEVICE ? TO_DEVICE : FROM_DEVICE] : 0;
}

// ---- The arrays ----------------------------------------------------------------------------------

enum { PAGES_LOOKED_AT = 65536 };

struct walk {
  const u64 *sources, *targets;
  struct move *move;
};

// Changes nothing but what is in a map, so that the verifier has seen every round when it has seen one.
static long look_at_page(u64 page, struct walk *walk) {
  u64 from = 0, to = 0;
  read_kernel(&from, sizeof from, walk->sources + page);
  read_kernel(&to, sizeof to, walk->targets + page);
  // An entry stands for a huge page only on kernels that move them whole, and then nothing follows it.
  u64 pages = 1 + bit(from, COMPOUND) * (settings.pages_of_huge_page - 1);
  u64 was_there = bit(from, VALID), is_taken = bit(from, MIGRATE), has_target = bit(to, VALID);
  struct move *move = walk->move;
  move->migrated += pages * (is_taken & has_target & was_there);
  move->populated += pages * (is_taken & has_target & !was_there);
  // The kernel gives up what has no target, too: then it is no longer taken.
  move->no_target += pages * ((is_taken | was_there) & !has_target);
  move->not_moved += pages * (was_there & !is_taken & has_target);
  return 0;
}

// Every page that was asked for is counted once.
//
// `is_of_process` where addresses of a process were asked for: then an entry of nothing is a page that could
// not be taken from it. Where a device is cleared it is memory of the device that nobody uses, which is most.
inlined void count_pages(struct device_counts *to, u64 sources, u64 targets, u64 pages, u32 is_of_process) {
  u64 seen = pages < PAGES_LOOKED_AT ? pages : PAGES_LOOKED_AT;
  struct move *move = current_move();
  if (!move) seen = 0;
  add(&to->pages_failed[UNSEEN], pages - seen);
  if (!move) return;
  move->migrated = move->populated = move->no_target = move->not_moved = 0;
  struct walk walk = {.sources = (void *)sources, .targets = (void *)targets, .move = move};
  repeat((u32)seen, look_at_page, &walk, 0);
  u64 told = move->migrated + move->populated + move->no_target + move->not_moved;
  add(&to->pages_migrated, move->migrated);
  add(&to->pages_populated, move->populated);
  add(&to->pages_failed[NO_TARGET], move->no_target);
  add(&to->pages_failed[NOT_MOVED], move->not_moved);
  if (is_of_process && told < seen) add(&to->pages_failed[NOT_COLLECTED], seen - told);
}

// ---- Programs ------------------------------------------------------------------------------------

inlined int begin(void) {
  u32 thread = current_thread();
  struct move move = {.began = monotonic_nanoseconds(), .direction = FROM_DEVICE};
  update(&moves_by_thread, &thread, &move, 0);
  return 0;
}

inlined int end(void) {
  struct move *move = current_move();
  if (!move || !move->began) return 0;
  u64 time = monotonic_nanoseconds() - move->began;
  move->began = 0;
  struct device_counts *to = counts_of(move->direction);
  if (!to) return 0;
  add(&to->duration_nanoseconds, time);
  add(&to->duration_buckets[place_of(bucket(settings.bounds, time), BUCKETS)], 1);
  return 0;
}

SECTION("fentry/migrate_vma_setup") int begun(arguments *a) { return (void)a, begin(); }

SECTION("fexit/migrate_vma_setup") int collected(arguments *a) {
  struct migrate_vma *range = (struct migrate_vma *)a[0];
  struct move *move = current_move();
  if ((s32)a[1] != 0) {
    if (move) move->began = 0;  // What was asked for was no range
    return 0;
  }
  unsigned long flags = 0, taken = 0, pages = 0;
  get(flags, range, flags);
  get(taken, range, cpages);
  get(pages, range, npages);
  u32 direction =
      flags & value(migrate_vma_direction, MIGRATE_VMA_SELECT_SYSTEM) ? TO_DEVICE : FROM_DEVICE;
  if (move) move->direction = direction;
  struct device_counts *to = counts_of(direction);
  if (!to) return 0;
  add(&to->calls, 1);
  if (taken) return 0;
  add(&to->pages_failed[NOT_COLLECTED], pages);
  return end();
}

SECTION("fentry/migrate_vma_finalize") int settled(arguments *a) {
  struct migrate_vma *range = (struct migrate_vma *)a[0];
  unsigned long flags = 0, taken = 0, pages = 0;
  unsigned long *sources = 0, *targets = 0;
  get(flags, range, flags);
  get(taken, range, cpages);
  get(pages, range, npages);
  get(sources, range, src);
  get(targets, range, dst);
  struct move *move = current_move();
  if (move) move->sources = (u64)sources;
  if (!taken) return 0;  // Counted by `collected`, and some drivers come here nevertheless
  struct device_counts *to = counts_of(
      flags & value(migrate_vma_direction, MIGRATE_VMA_SELECT_SYSTEM) ? TO_DEVICE : FROM_DEVICE);
  if (to) count_pages(to, (u64)sources, (u64)targets, pages, 1);
  return 0;
}

SECTION("fexit/migrate_vma_finalize") int ended(arguments *a) {
  (void)a;
  end();
  struct move *move = current_move();
  if (move) move->sources = 0;
  return 0;
}

SECTION("fentry/migrate_device_range") int begun_device(arguments *a) { return (void)a, begin(); }
SECTION("fentry/migrate_device_pfns") int begun_device_pfns(arguments *a) {
  return (void)a, begin();
}

// migrate_device_finalize(src_pfns, dst_pfns, npages)
SECTION("fentry/migrate_device_finalize") int settled_device(arguments *a) {
  struct move *move = current_move();
  if (move && move->sources && move->sources == a[0]) return 0;
  struct device_counts *to = counts_of(FROM_DEVICE);
  if (!to) return 0;
  add(&to->calls, 1);
  count_pages(to, a[0], a[1], a[2], 0);
  return 0;
}

SECTION("fexit/migrate_device_finalize") int ended_device(arguments *a) {
  struct move *move = current_move();
  if (move && move->sources && move->sources == a[0]) return 0;
  return end();
}

char licence[] SECTION("license") = "Dual BSD/GPL";
