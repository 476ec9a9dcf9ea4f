// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Times whom the moving of pages holds up: how long a thread is within one of five functions, sleep
// included.
//
//   migration_entry_wait        a thread touched a page that is being moved, and sleeps until it is
//   pmd_migration_entry_wait    the same for a THP
//   migration_entry_wait_huge   the same for a page of hugetlb
//   task_numa_work              NUMA balancing marks a thread's pages, in that thread's time
//   try_to_compact_pages        a thread that allocates compacts memory itself (direct compaction)

#include "ebpf.h"

// ---- Shared with WaitsLayout.swift: change both. -------------------------------------------------

enum wait { PAGE, THP, HUGETLB, NUMA_SCAN, DIRECT_COMPACTION, WAITS };

struct wait_counts {
  u64 nanoseconds;
  u64 buckets[BUCKETS];
};

struct slot {
  struct wait_counts waits[WAITS];
  u64 padding;
};

const volatile struct {
  u32 slots;
} settings = {.slots = 1};

// --------------------------------------------------------------------------------------------------

// One slot per CPU, mapped into the reader's memory.
struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, 1);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct slot);
} waits SECTION(".maps");

// When a thread began each; 0 where it has not. A thread that lost its place is not timed.
struct starts {
  u64 nanoseconds[WAITS];
};

struct {
  NUMBER(type, MAP_LRU_HASH);
  NUMBER(max_entries, 8192);
  TYPE(key, u32);
  TYPE(value, struct starts);
} starts_by_thread SECTION(".maps");

inlined int entered(enum wait wait) {
  u32 thread = current_thread();
  struct starts *starts = look_up(&starts_by_thread, &thread);
  if (starts) {
    starts->nanoseconds[wait] = monotonic_nanoseconds();
  } else {
    struct starts first = {0};
    first.nanoseconds[wait] = monotonic_nanoseconds();
    update(&starts_by_thread, &thread, &first, 0);
  }
  return 0;
}

inlined int left(enum wait wait) {
  u32 thread = current_thread();
  struct starts *starts = look_up(&starts_by_thread, &thread);
  if (!starts || !starts->nanoseconds[wait]) return 0;
  u64 time = monotonic_nanoseconds() - starts->nanoseconds[wait];
  starts->nanoseconds[wait] = 0;
  u32 cpu = current_cpu() % settings.slots;
  struct slot *slot = look_up(&waits, &cpu);
  if (!slot) return 0;
  add(&slot->waits[wait].nanoseconds, time);
  add(&slot->waits[wait].buckets[place_of(bucket(time), BUCKETS)], 1);
  return 0;
}

#define TIMED(wait, function)                                                                   \
  SECTION("fentry/" #function) int enter_##wait(arguments *a) { return (void)a, entered(wait); } \
  SECTION("fexit/" #function) int leave_##wait(arguments *a) { return (void)a, left(wait); }

TIMED(PAGE, migration_entry_wait)
TIMED(THP, pmd_migration_entry_wait)
TIMED(HUGETLB, migration_entry_wait_huge)
TIMED(NUMA_SCAN, task_numa_work)
TIMED(DIRECT_COMPACTION, try_to_compact_pages)

char licence[] SECTION("license") = "Dual BSD/GPL";
