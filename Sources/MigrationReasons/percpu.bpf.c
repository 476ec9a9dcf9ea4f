// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Reads what /proc/vmstat is made of, where the kernel keeps it (mm/vmstat.c):
//
//   vm_event_states       an array of events for each CPU
//   pglist_data.vm_stat   an array for each node: what it counts, such as pgpromote_success
//   zone.vm_stat          an array for each zone of a node, such as nr_free_pages
//
// The text has the sums of each.
//
// Nothing is attached: the reader runs `find` once and `read_counters` for each reading. Neither takes an
// argument. Where `find` found the counters is in maps that no process can read or write, so whoever has
// these programs can read counters with them and nothing else.

#include "ebpf.h"

// ---- Shared with PerCPULayout.swift: change both. ------------------------------------------------

// Events are read by whole cache lines.
enum { EVENTS_PER_LINE = 8, EVENTS = 192, NODE_STATS = 96, ZONE_STATS = 16, NODES = 64, ZONES = 255 };

struct cpu_events {
  u64 events[EVENTS];
  // The first line once more, after those of all CPUs were read.
  u64 first_line[EVENTS_PER_LINE];
};

struct node_stats {
  u64 items[NODE_STATS];
};

struct zone_stats {
  u64 items[ZONE_STATS];
};

// How many were found. A CPU that was never there has none yet.
struct found {
  u64 cpus, nodes, zones;
};

enum answer { DONE, INCOMPLETE, ZONES_CHANGED, NO_RUN_QUEUES, NO_NODES, OTHER_NODE_STATS, OTHER_ZONE_STATS };

const volatile struct {
  u32 cpus;
  // Events that are read: from the first on, and from another on, with a gap between.
  u32 head;
  u32 body_first;
  u32 body;
  u32 node_stats;
  u32 zone_stats;
  // How many of each /proc/vmstat has.
  u32 all_node_stats;
  u32 all_zone_stats;
  // Where the kernel's variables are among those of a CPU.
  u32 runqueues;
  u32 vm_event_states;
} settings;

// --------------------------------------------------------------------------------------------------

// The kernel's types, as far as they are read. libbpf puts in where this kernel has each member.
#define KERNEL_TYPE __attribute__((preserve_access_index))

struct list_head {
  struct list_head *next;
} KERNEL_TYPE;

struct rq;

struct cfs_rq {
  struct rq *rq;
} KERNEL_TYPE;

struct rq {
  int cpu;
  struct task_struct *stop;
} KERNEL_TYPE;

struct sched_entity {
  struct cfs_rq *cfs_rq;
} KERNEL_TYPE;

struct task_struct {
  struct task_struct *real_parent;
  struct list_head children, sibling;
  void *worker_private;
  struct sched_entity se;
} KERNEL_TYPE;

struct kthread {
  void *data;
} KERNEL_TYPE;

struct counter {
  long long counter;
};

struct zone {
  struct pglist_data *zone_pgdat;
  struct counter vm_stat[1];
} KERNEL_TYPE;

struct zoneref {
  struct zone *zone;
  int zone_idx;
} KERNEL_TYPE;

struct zonelist {
  struct zoneref _zonerefs[1];
} KERNEL_TYPE;

struct pglist_data {
  struct zone node_zones[1];
  struct zonelist node_zonelists[1];
  struct task_struct *kswapd;
  struct counter vm_stat[1];
} KERNEL_TYPE;

// 0 where it cannot be read.
#define READ(of, member)                              \
  ({                                                  \
    __typeof__((of)->member) value = 0;               \
    read_kernel(&value, sizeof(value), &(of)->member); \
    value;                                            \
  })

#define OFFSET(type, member) __builtin_preserve_field_info(((type *)0)->member, 0)
#define SIZE_OF_FIELD(type, member) __builtin_preserve_field_info(((type *)0)->member, 1)
#define SIZE_OF(type) __builtin_preserve_type_info(*(type *)0, 1)

#define MAP(name, type_of_value, entries, flags) \
  struct {                                       \
    NUMBER(type, MAP_ARRAY);                     \
    NUMBER(max_entries, entries);                \
    NUMBER(map_flags, flags);                    \
    TYPE(key, u32);                              \
    TYPE(value, type_of_value);                  \
  } name SECTION(".maps")

MAP(cpus, struct cpu_events, 1, MAP_IS_MAPPABLE);
MAP(nodes, struct node_stats, NODES, MAP_IS_MAPPABLE);
MAP(zones, struct zone_stats, ZONES, MAP_IS_MAPPABLE);
MAP(found, struct found, 1, MAP_IS_MAPPABLE);

// What is known of the kernel's addresses. No process may read these maps, and once they are frozen none
// may write them.
MAP(cpu_places, const u64 *, 1, MAP_IS_UNREADABLE);

// An entry of the kernel's list of zones, in as many bytes.
struct listed_zone {
  struct zone *zone;
  u64 number;
};

struct places {
  u64 cpus_found;
  u64 parts_read;
  u64 node_count;
  const u64 *nodes[NODES];
  u64 zone_count;
  struct zoneref *list;
  struct listed_zone zones[ZONES + 1];
  struct listed_zone zones_now[ZONES + 1];
};
MAP(places, struct places, 1, MAP_IS_UNREADABLE);

inlined void *only(void *map) {
  u32 zero = 0;
  return look_up(map, &zero);
}

inlined int read_words(u64 *to, u64 words, const u64 *from) {
  return !read_kernel(to, words * sizeof(u64), from);
}

// ---- Finding -------------------------------------------------------------------------------------

// No more of the kernel's threads are looked at, so that the search has an end.
enum { THREADS = 1 << 16 };

inlined struct rq *run_queue(struct task_struct *task) {
  struct cfs_rq *queue = READ(task, se.cfs_rq);
  return READ(queue, rq);
}

// All CPUs' variables lie in the same order. So where one of a CPU's is known, all are: its run queue is
// one, and knows the thread that stops the CPU, which is always in this queue.
inlined void find_cpu(struct places *known, struct task_struct *task) {
  struct rq *rq = run_queue(task);
  if (!rq || READ(rq, stop) != task) return;
  u32 cpu = READ(rq, cpu);
  const u64 **place = look_up(&cpu_places, &cpu);
  if (!place) return;
  *place = (const u64 *)((u64)rq - settings.runqueues + settings.vm_event_states);
  known->cpus_found++;
}

// Each node with memory has a thread kswapd, which was given the node.
inlined struct pglist_data *node_of(struct task_struct *task) {
  struct kthread *thread = READ(task, worker_private);
  struct pglist_data *node = thread ? READ(thread, data) : 0;
  return node && READ(node, kswapd) == task ? node : 0;
}

struct thread_search {
  struct list_head *end, *at;
  struct pglist_data *node;
};

static long find_in_thread(u32 number, void *context) {
  (void)number;
  struct thread_search *search = context;
  struct places *known = only(&places);
  if (!known || !search->at || search->at == search->end) return 1;
  struct task_struct *task = (void *)((u64)search->at - OFFSET(struct task_struct, sibling));
  find_cpu(known, task);
  struct pglist_data *node = node_of(task);
  if (node) search->node = node;
  struct list_head *next = READ(search->at, next);
  // A thread that ends meanwhile is followed by itself.
  if (next == search->at) return 1;
  search->at = next;
  return 0;
}

inlined int keep_node(struct places *known, const u64 *node) {
  for (u32 i = 0; i < NODES; i++) {
    if (i == known->node_count) {
      known->nodes[i] = node;
      known->node_count++;
    }
    if (known->nodes[i] == node) return 1;
  }
  return 0;
}

// A node's list has all zones that have memory, those of other nodes as well.
static long find_zone(u32 number, void *context) {
  struct places *known = only(&places);
  struct zoneref *list = *(struct zoneref **)context;
  if (!known || number > ZONES) return 1;
  struct listed_zone *zone = &known->zones[number];
  if (!read_words((u64 *)zone, 2, (const u64 *)list + 2 * number)) return 1;
  if (!zone->zone) {
    known->zone_count = number;
    known->list = list;
    return 1;
  }
  struct pglist_data *node = READ(zone->zone, zone_pgdat);
  u64 of_node = (u64)zone->zone - (u64)&node->node_zones;
  if (of_node != (u32)zone->number * (u64)SIZE_OF(struct zone)) return 1;
  return !keep_node(known, (const u64 *)&node->vm_stat);
}

// Finds where the counters are. Nodes that were found before stay: what a node counted is counted after
// its memory is gone, too.
SECTION("syscall") int find(void *unused) {
  (void)unused;
  struct places *known = only(&places);
  struct found *counts = only(&found);
  if (!known || !counts) return INCOMPLETE;
  if (SIZE_OF_FIELD(struct pglist_data, vm_stat) != settings.all_node_stats * sizeof(u64)) return OTHER_NODE_STATS;
  if (SIZE_OF_FIELD(struct zone, vm_stat) != settings.all_zone_stats * sizeof(u64)) return OTHER_ZONE_STATS;

  // The kernel's threads have one parent, also that of this CPU's stopper.
  struct rq *rq = run_queue(current_task());
  struct task_struct *stopper = READ(rq, stop), *parent = READ(stopper, real_parent);
  struct thread_search search = {&parent->children, READ(&parent->children, next), 0};
  known->cpus_found = 0;
  for_each(THREADS, find_in_thread, &search, 0);
  if (!known->cpus_found) return NO_RUN_QUEUES;

  struct pglist_data *node = search.node;
  if (!node || SIZE_OF(struct zoneref) != sizeof(struct listed_zone)) return NO_NODES;
  struct zoneref *list = node->node_zonelists[0]._zonerefs;
  known->list = 0;
  for_each(ZONES + 1, find_zone, &list, 0);
  if (!known->list) return NO_NODES;
  counts->cpus = known->cpus_found;
  counts->nodes = known->node_count;
  counts->zones = known->zone_count;
  return DONE;
}

// ---- Reading -------------------------------------------------------------------------------------

static long read_cpu(u32 cpu, void *unused) {
  (void)unused;
  struct places *known = only(&places);
  const u64 **place = look_up(&cpu_places, &cpu);
  struct cpu_events *to = look_up(&cpus, &cpu);
  if (!known || !place || !to) return 1;
  if (!*place) return 0;
  if (!read_words(to->events, settings.head, *place)) return 1;
  if (!read_words(to->events + settings.head, settings.body, *place + settings.body_first)) return 1;
  known->parts_read++;
  return 0;
}

static long read_first_line(u32 cpu, void *unused) {
  (void)unused;
  struct places *known = only(&places);
  const u64 **place = look_up(&cpu_places, &cpu);
  struct cpu_events *to = look_up(&cpus, &cpu);
  if (!known || !place || !to) return 1;
  if (!*place) return 0;
  if (!read_words(to->first_line, EVENTS_PER_LINE, *place)) return 1;
  known->parts_read++;
  return 0;
}

static long read_node(u32 node, void *unused) {
  (void)unused;
  struct places *known = only(&places);
  struct node_stats *to = look_up(&nodes, &node);
  if (!known || !to || node >= NODES) return 1;
  if (!read_words(to->items, settings.node_stats, known->nodes[node])) return 1;
  known->parts_read++;
  return 0;
}

static long read_zone(u32 number, void *unused) {
  (void)unused;
  struct places *known = only(&places);
  struct zone_stats *to = look_up(&zones, &number);
  if (!known || !to || number >= ZONES) return 1;
  struct zone *zone = known->zones[number].zone;
  if (known->zones_now[number].zone != zone) return 1;
  if (!read_words(to->items, settings.zone_stats, (const u64 *)&zone->vm_stat)) return 1;
  known->parts_read++;
  return 0;
}

SECTION("syscall") int read_counters(void *unused) {
  (void)unused;
  struct places *known = only(&places);
  if (!known || known->zone_count > ZONES) return INCOMPLETE;
  u64 zone_count = known->zone_count;
  // The list of zones is read with its end. Memory that comes or goes changes it.
  if (!read_words((u64 *)known->zones_now, (zone_count + 1) * 2, (const u64 *)known->list)) return INCOMPLETE;
  known->parts_read = 0;
  for_each(zone_count, read_zone, 0, 0);
  if (known->parts_read != zone_count || known->zones_now[zone_count].zone) return ZONES_CHANGED;

  known->parts_read = 0;
  for_each(settings.cpus, read_cpu, 0, 0);
  for_each(known->node_count, read_node, 0, 0);
  for_each(settings.cpus, read_first_line, 0, 0);
  return known->parts_read == known->node_count + 2 * known->cpus_found ? DONE : INCOMPLETE;
}

char licence[] SECTION("license") = "Dual BSD/GPL";
