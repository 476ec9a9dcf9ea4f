// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Reads what /proc/vmstat is made of, where the kernel keeps it (mm/vmstat.c):
//
//   vm_event_states   one array of events for each CPU; the text has their sums
//   vm_node_stat      what all nodes have together, such as pgpromote_success
//   vm_zone_stat      what all zones have together, such as nr_free_pages
//
// Nothing is attached: the reader runs this program once for each reading.

#include "ebpf.h"

// ---- Shared with PerCPULayout.swift: change both. ------------------------------------------------

// Events are read a cache line at a time, and only those lines that hold one of ours.
enum { EVENTS_PER_LINE = 8, LINES = 24, NODE_STATS = 96, ZONE_STATS = 16 };

struct totals {
  u64 events[LINES * EVENTS_PER_LINE];
  u64 node[NODE_STATS];
  u64 zone[ZONE_STATS];
  u64 cpus_read;
  // How many CPUs went offline meanwhile: the kernel then hands their events to another, one by one, and
  // some were read twice.
  u64 cpus_gone;
};

struct cpu_events {
  u64 pages_migrated;
  u64 pages_failed;
  u64 first_line;  // The sum of the first line of events, which the kernel hands over first
  u64 padding;
};

const volatile struct {
  u32 cpus;
  u32 lines;
  u32 first_events[LINES];  // Of each line, rising
  u32 migrated;             // Where PGMIGRATE_SUCCESS is among the events read
  u32 failed;
  u32 node_stats;
  u32 zone_stats;
} settings;

// --------------------------------------------------------------------------------------------------

struct vm_event_state {
  u64 event[1];
};

// The kernel's own variables; libbpf finds them by name.
extern const struct vm_event_state vm_event_states KERNEL_SYMBOL;
extern const void vm_node_stat KERNEL_SYMBOL __attribute__((weak));
extern const void vm_zone_stat KERNEL_SYMBOL __attribute__((weak));

struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, 1);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct totals);
} totals SECTION(".maps");

struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, 1);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct cpu_events);
} cpus SECTION(".maps");

// Returns 0 where the kernel has no such CPU.
inlined int read_line(u32 cpu, u32 line, u64 events[EVENTS_PER_LINE]) {
  const struct vm_event_state *state = of_cpu(&vm_event_states, cpu);
  if (!state) return 0;
  return !read_kernel(
      events, EVENTS_PER_LINE * sizeof(u64), &state->event[settings.first_events[line]]);
}

inlined u64 sum(const u64 events[EVENTS_PER_LINE]) {
  u64 sum = 0;
#pragma unroll
  for (u32 i = 0; i < EVENTS_PER_LINE; i++) sum += events[i];
  return sum;
}

static long add_cpu(u32 cpu, void *unused) {
  (void)unused;
  u32 zero = 0;
  struct totals *to = look_up(&totals, &zero);
  struct cpu_events *own = look_up(&cpus, &cpu);
  if (!to || !own) return 1;
  for (u32 line = 0; line < LINES && line < settings.lines; line++) {
    u64 events[EVENTS_PER_LINE];
    if (!read_line(cpu, line, events)) return 1;
    if (!line) own->first_line = sum(events);
#pragma unroll
    for (u32 i = 0; i < EVENTS_PER_LINE; i++) {
      u32 place = line * EVENTS_PER_LINE + i;
      to->events[place] += events[i];
      if (place == settings.migrated) own->pages_migrated = events[i];
      if (place == settings.failed) own->pages_failed = events[i];
    }
  }
  to->cpus_read++;
  return 0;
}

static long check_cpu(u32 cpu, void *unused) {
  (void)unused;
  u32 zero = 0;
  struct totals *to = look_up(&totals, &zero);
  struct cpu_events *own = look_up(&cpus, &cpu);
  u64 events[EVENTS_PER_LINE];
  if (!to || !own || !read_line(cpu, 0, events)) return 1;
  if (sum(events) < own->first_line) to->cpus_gone++;
  return 0;
}

SECTION("syscall") int read_counters(void *unused) {
  (void)unused;
  u32 zero = 0;
  struct totals *to = look_up(&totals, &zero);
  if (!to) return 1;
  for (u32 i = 0; i < LINES * EVENTS_PER_LINE; i++) {
    to->events[i] = 0;
    asm volatile("" ::: "memory");  // Or the compiler would call memset, which is not there
  }
  to->cpus_read = to->cpus_gone = 0;
  for_each(settings.cpus, add_cpu, 0, 0);
  for_each(settings.cpus, check_cpu, 0, 0);
  if (!&vm_node_stat || !&vm_zone_stat) return 1;
  if (read_kernel(to->node, settings.node_stats % (NODE_STATS + 1) * sizeof(u64), &vm_node_stat)) return 1;
  if (read_kernel(to->zone, settings.zone_stats % (ZONE_STATS + 1) * sizeof(u64), &vm_zone_stat)) return 1;
  return 0;
}

char licence[] SECTION("license") = "Dual BSD/GPL";
