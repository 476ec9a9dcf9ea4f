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
//
// The end of each is there twice: `leave_…`, and `leave_cgroup_…`, which adds the time to the thread's
// cgroup as well.

#include "ebpf.h"

// ---- Shared with WaitsLayout.swift: change both. -------------------------------------------------

enum wait { PAGE, THP, HUGETLB, NUMA_SCAN, DIRECT_COMPACTION, WAITS };

struct wait_counts {
  u64 nanoseconds;
  u64 buckets[BUCKETS];
};

struct slot {
  struct wait_counts waits[WAITS];
  u64 padding[4];
};

// The time of one cgroup; of all that have no place, in the first.
struct cgroup_waits {
  u64 cgroup;  // Its number. 0: the place is free. The reader frees those of cgroups that are gone
  u64 nanoseconds[WAITS];
  u64 padding[2];
};

enum { CGROUPS = 1024, CGROUP_PLACES_TRIED = 8 };

const volatile struct {
  u64 bounds[BOUNDS];
  u32 slots;
  u32 padding;
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

// All CPUs' together: waits are rare. Mapped likewise.
struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, CGROUPS);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct cgroup_waits);
} cgroups SECTION(".maps");

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

// How long it took; 0 where that is not known.
inlined u64 left(enum wait wait) {
  u32 thread = current_thread();
  struct starts *starts = look_up(&starts_by_thread, &thread);
  if (!starts || !starts->nanoseconds[wait]) return 0;
  u64 time = monotonic_nanoseconds() - starts->nanoseconds[wait];
  starts->nanoseconds[wait] = 0;
  u32 cpu = current_cpu() % settings.slots;
  struct slot *slot = look_up(&waits, &cpu);
  if (!slot) return 0;
  add(&slot->waits[wait].nanoseconds, time);
  add(&slot->waits[wait].buckets[place_of(bucket(settings.bounds, time), BUCKETS)], 1);
  return time;
}

// A cgroup has one of a few places, taken at its first wait and kept.
inlined struct cgroup_waits *waits_of(u64 cgroup) {
  u32 first = (u32)(cgroup * 0x9e3779b97f4a7c15ull >> 32);
#pragma unroll
  for (u32 i = 0; i < CGROUP_PLACES_TRIED; i++) {
    u32 place = 1 + (first + i) % (CGROUPS - 1);
    struct cgroup_waits *found = look_up(&cgroups, &place);
    if (!found) return 0;
    u64 owner = found->cgroup;
    if (!owner) owner = __sync_val_compare_and_swap(&found->cgroup, 0, cgroup);
    if (!owner || owner == cgroup) return found;
  }
  u32 others = 0;
  return look_up(&cgroups, &others);
}

inlined int left_in_cgroup(enum wait wait) {
  u64 time = left(wait);
  if (!time) return 0;
  struct cgroup_waits *to = waits_of(current_cgroup());
  if (to) add(&to->nanoseconds[wait], time);
  return 0;
}

#define TIMED(wait, function)                                                                   \
  SECTION("fentry/" #function) int enter_##wait(arguments *a) { return (void)a, entered(wait); } \
  SECTION("fexit/" #function) int leave_##wait(arguments *a) { return (void)a, left(wait), 0; }  \
  SECTION("fexit/" #function) int leave_cgroup_##wait(arguments *a) {                            \
    return (void)a, left_in_cgroup(wait);                                                       \
  }

TIMED(PAGE, migration_entry_wait)
TIMED(THP, pmd_migration_entry_wait)
TIMED(HUGETLB, migration_entry_wait_huge)
TIMED(NUMA_SCAN, task_numa_work)
TIMED(DIRECT_COMPACTION, try_to_compact_pages)

char licence[] SECTION("license") = "Dual BSD/GPL";
