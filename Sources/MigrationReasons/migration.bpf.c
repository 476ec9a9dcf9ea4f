// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Counts every return of the kernel's migrate_pages() by reason, and how long the call took. Keeps the
// slowest call of each reason, and who made it.
//
// It is attached to two tracepoints of include/trace/events/migrate.h: mm_migrate_pages, which
// migrate_pages() (mm/migrate.c) passes once on its way out, with what it did; and
// mm_migrate_pages_start (from 5.13 on), which it passes on its way in.
//
// Attached raw, the programs take the tracepoint's arguments and nothing stands between it and
// them. A classic attachment goes through perf, which drops the event where any other eBPF program
// or a map update is under way on that CPU, even one that was only preempted there; it also costs
// more. So it is kept for layouts not listed here: its offsets come from the running kernel.
//
// It needs no kernel BTF: the reader beside it says which layout is in use.

#include "ebpf.h"

// ---- Shared with SlotLayout.swift: change both. --------------------------------------------------

enum {
  REASONS = 32,  // the last takes every number that has no place of its own
  MODES = 8,     // the same
};

// What was counted for one reason. Two cache lines; the first alone says whether there is anything.
struct reason_counts {
  u64 calls[MODES];
  u64 pages_migrated;
  u64 pages_failed;
  u64 thp_migrated;
  u64 thp_failed;
  u64 thp_split;
  u64 folios_split;
  u64 duration_nanoseconds;
} __attribute__((aligned(64)));

struct slot {
  struct reason_counts reasons[REASONS];
};

// A call that was the slowest of its reason on its CPU within a period. Its words, XORed, give 0: one
// that two CPUs wrote at once, or that is read while it is written, does not.
struct slow_call {
  u64 nanoseconds;
  u64 ended;  // In nanoseconds since boot
  u64 process_and_thread;
  u64 cgroup;
  char command[16];
  u32 pages_migrated, pages_failed;
  u64 check;
};

enum { PERIODS = 8 };  // The last ones, each by its number modulo this
#define PERIOD 10000000000ull  // In nanoseconds

struct slow_slot {
  struct slow_call calls[REASONS][PERIODS];
};

// Apart from the counts, so that the reader touches no page of a reason that never occurred.
struct duration_slot {
  u64 buckets[REASONS][BUCKETS];
};

// Where the classic tracepoint's record holds a field, from its `format`; size 0 where it has none.
struct field {
  u32 offset;
  u32 size;
};

// Set by the reader before the kernel verifies the programs, which then see constants.
const volatile struct {
  u64 bounds[BOUNDS];
  struct field succeeded, failed, thp_succeeded, thp_failed, thp_split, large_folio_split;
  struct field mode, reason;
  struct field start_mode, start_reason;
  u32 has_cgroups;
  u32 slots;
} settings = {.slots = 1};

// -------------------------------------------------------------------------------------------------

// One slot per CPU, so that CPUs share no cache line; on machines with more CPUs than slots, some do.
// Mapped into the reader's memory: no system call reads it, hence no privilege either.
struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, 1);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct slot);
} counts SECTION(".maps");

// The same for the slowest calls, which no scrape has to read.
struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, 1);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct slow_slot);
} slowest SECTION(".maps");

struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, 1);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct duration_slot);
} durations SECTION(".maps");

// The calls a thread is in now, outermost first. migrate_pages() can be within itself: to allocate
// a target it may compact or demote. Two or three deep are known; a fifth forgets the first.
enum { NESTED = 4 };

struct calls {
  u64 started_nanoseconds[NESTED];
  u64 identity[NESTED];
  u32 depth;
};

// By thread, since a call sleeps and changes CPU but never thread. Threads are left in when they
// have no call, which spares the common one (kcompactd) an insertion each time; the least recently
// used goes when there are more threads than places. A call that loses its place is counted
// without its duration, as is one that was under way when the program was attached.
struct {
  NUMBER(type, MAP_LRU_HASH);
  NUMBER(max_entries, 8192);
  TYPE(key, u32);
  TYPE(value, struct calls);
} calls_by_thread SECTION(".maps");

struct outcome {
  u64 pages_migrated, pages_failed, thp_migrated, thp_failed, thp_split, folios_split;
  u32 mode, reason;
};

// The end is matched to the start by what both tell, so that a start whose end was never seen
// cannot lend its time to another kind of call.
inlined u64 identity(u32 mode, u32 reason) { return (u64)reason << 32 | mode; }

inlined int started(u32 mode, u32 reason) {
  u32 thread = current_thread();
  u64 now = monotonic_nanoseconds();
  struct calls *calls = look_up(&calls_by_thread, &thread);
  if (!calls) {
    struct calls first = {
        .started_nanoseconds = {now}, .identity = {identity(mode, reason)}, .depth = 1};
    update(&calls_by_thread, &thread, &first, 0);
    return 0;
  }
  if (calls->depth >= NESTED) {
    for (u32 i = 1; i < NESTED; i++) {
      calls->started_nanoseconds[i - 1] = calls->started_nanoseconds[i];
      calls->identity[i - 1] = calls->identity[i];
    }
    calls->depth = NESTED - 1;
  }
  u32 place = calls->depth & (NESTED - 1);
  calls->started_nanoseconds[place] = now;
  calls->identity[place] = identity(mode, reason);
  calls->depth = place + 1;
  return 0;
}

// When the innermost call of this kind that the thread is in began; 0 if none is known.
inlined u64 take_start(u32 mode, u32 reason) {
  u32 thread = current_thread();
  struct calls *calls = look_up(&calls_by_thread, &thread);
  if (!calls) return 0;
  u32 depth = calls->depth;
#pragma unroll
  for (u32 place = NESTED; place-- > 0;) {
    if (place >= depth || calls->identity[place] != identity(mode, reason)) continue;
    calls->depth = place;
    return calls->started_nanoseconds[place];
  }
  return 0;
}

// A count that does not fit is the greatest that does.
inlined u32 clamped(u64 count) { return count >> 32 ? ~0u : (u32)count; }

inlined void keep_if_slowest(const struct outcome *what, u64 nanoseconds, u64 now) {
  u32 cpu = current_cpu() % settings.slots;
  struct slow_slot *slot = look_up(&slowest, &cpu);
  if (!slot) return;
  u64 period = now / PERIOD;
  struct slow_call *kept =
      &slot->calls[place_of(what->reason, REASONS)][period & (PERIODS - 1)];
  if (kept->ended / PERIOD == period && kept->nanoseconds >= nanoseconds) return;

  union {
    struct slow_call call;
    u64 words[8];
  } slow = {.call = {
      .nanoseconds = nanoseconds,
      .ended = now,
      .process_and_thread = current_process_and_thread(),
      .cgroup = settings.has_cgroups ? current_cgroup() : 0,
      .pages_migrated = clamped(what->pages_migrated),
      .pages_failed = clamped(what->pages_failed),
  }};
  current_command(slow.call.command, sizeof slow.call.command);
#pragma unroll
  for (u32 i = 0; i < 7; i++) slow.call.check ^= slow.words[i];
  *kept = slow.call;
}

inlined int ended(struct outcome *what) {
  u64 start = take_start(what->mode, what->reason);
  u64 now = start ? monotonic_nanoseconds() : 0;

  u32 cpu = current_cpu() % settings.slots;
  struct slot *slot = look_up(&counts, &cpu);
  if (!slot) return 0;
  struct reason_counts *to = &slot->reasons[place_of(what->reason, REASONS)];

  add(&to->pages_migrated, what->pages_migrated);
  add(&to->pages_failed, what->pages_failed);
  add(&to->thp_migrated, what->thp_migrated);
  add(&to->thp_failed, what->thp_failed);
  add(&to->thp_split, what->thp_split);
  add(&to->folios_split, what->folios_split);
  if (start) {
    add(&to->duration_nanoseconds, now - start);
    struct duration_slot *durations_of_cpu = look_up(&durations, &cpu);
    if (durations_of_cpu) {
      u64 *buckets = durations_of_cpu->buckets[place_of(what->reason, REASONS)];
      add(&buckets[place_of(bucket(settings.bounds, now - start), BUCKETS)], 1);
    }
    keep_if_slowest(what, now - start, now);
  }
  add(&to->calls[place_of(what->mode, MODES)], 1);
  return 0;
}

// ---- The tracepoints' arguments, as TP_PROTO lists them ------------------------------------------

SECTION("raw_tracepoint") int start_raw(arguments *a) { return started((u32)a[0], (u32)a[1]); }

// Up to 5.8: succeeded, failed.
SECTION("raw_tracepoint") int end_raw_2(arguments *a) {
  struct outcome what = {a[0], a[1], 0, 0, 0, 0, (u32)a[2], (u32)a[3]};
  return ended(&what);
}

// 5.9 to 6.6: and thp_succeeded, thp_failed, thp_split.
SECTION("raw_tracepoint") int end_raw_5(arguments *a) {
  struct outcome what = {a[0], a[1], a[2], a[3], a[4], 0, (u32)a[5], (u32)a[6]};
  return ended(&what);
}

// From 6.7 on: and large_folio_split.
SECTION("raw_tracepoint") int end_raw_6(arguments *a) {
  struct outcome what = {a[0], a[1], a[2], a[3], a[4], a[5], (u32)a[6], (u32)a[7]};
  return ended(&what);
}

// ---- The classic tracepoints' records ------------------------------------------------------------

#define value_of(name) value_at(record, settings.name.offset, settings.name.size)

inlined u64 value_at(void *record, u32 offset, u32 size) {
  u64 value = 0;
  u32 half = 0;
  if (size == 8) {
    read_kernel(&value, 8, record + offset);
  } else if (size == 4) {
    read_kernel(&half, 4, record + offset);
    value = half;
  }
  return value;
}

SECTION("tracepoint") int start_classic(void *record) {
  return started((u32)value_of(start_mode), (u32)value_of(start_reason));
}

SECTION("tracepoint") int end_classic(void *record) {
  struct outcome what = {
      .pages_migrated = value_of(succeeded),
      .pages_failed = value_of(failed),
      .thp_migrated = value_of(thp_succeeded),
      .thp_failed = value_of(thp_failed),
      .thp_split = value_of(thp_split),
      .folios_split = value_of(large_folio_split),
      .mode = (u32)value_of(mode),
      .reason = (u32)value_of(reason),
  };
  return ended(&what);
}

// The kernel lends read_kernel() only to programs under a licence it can combine with its own.
char licence[] SECTION("license") = "Dual BSD/GPL";
