// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// What the eBPF programs here share. They need no other header: the names below are the kernel's stable
// interface (include/uapi/linux/bpf.h).
#pragma once

typedef int s32;
typedef unsigned int u32;
typedef unsigned long long u64;

// What a program is given: the arguments of the function or tracepoint, a word each.
typedef const u64 arguments;

#define SECTION(name) __attribute__((section(name), used))
#define inlined static inline __attribute__((always_inline))

enum { MAP_ARRAY = 2, MAP_LRU_HASH = 9 };
enum { MAP_IS_UNREADABLE = 1 << 4, MAP_IS_MAPPABLE = 1 << 10 };

// A map is described by the types of a struct's members; libbpf reads them from the object's BTF.
#define NUMBER(name, value) int(*name)[value]
#define TYPE(name, type) type *name

static void *(*const look_up)(void *map, const void *key) = (void *)1;
static long (*const update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u64 (*const monotonic_nanoseconds)(void) = (void *)5;
static u32 (*const current_cpu)(void) = (void *)8;
static u64 (*const current_process_and_thread)(void) = (void *)14;
static long (*const current_command)(char *name, u32 size) = (void *)16;
static void *(*const current_task)(void) = (void *)35;
static u64 (*const current_cgroup)(void) = (void *)80;
static long (*const read_kernel)(void *to, u32 size, const void *from) = (void *)113;
static long (*const for_each)(u32 count, long (*body)(u32, void *), void *, u64 flags) = (void *)181;

inlined u32 current_thread(void) { return (u32)current_process_and_thread(); }

// Shared with DurationBuckets.swift: the buckets of a duration, and the places of the table of their upper
// bounds, in nanoseconds, rising. Those beyond the last bound are above every duration. Change both.
enum { BUCKETS = 235, BOUNDS = 256 };

// The first bucket whose bound is not below the duration: how many bounds are below it, found by halving.
// Without a branch, so that the verifier has one path to follow. The barrier keeps the compiler from
// leaving out the mask, by which kernels before 5.13 see that the index is within the table.
inlined u64 bucket(const volatile u64 *bounds, u64 nanoseconds) {
  u64 place = 0;
#pragma unroll
  for (u32 step = BOUNDS / 2; step; step /= 2) {
    u64 index = place + step - 1;
    asm volatile("" : "+r"(index));
    u64 is_below = (bounds[index & (BOUNDS - 1)] - nanoseconds) >> 63;
    place += step * is_below;
  }
  return place;
}

// The last of so many places stands for all that have none. The barrier makes the compiler index
// with the very register it compared, or the kernel's verifier would not see the bound.
inlined u64 place_of(u64 number, u64 places) {
  asm volatile("" : "+r"(number));
  return number < places ? number : places - 1;
}

// Atomic, although a slot is its CPU's own: CPUs may share one, and where programs can be preempted
// another thread may be counting on this very CPU. Relaxed is all it need be, and what kernels before
// 5.12 know.
inlined void add(u64 *counter, u64 amount) {
  if (amount) __atomic_fetch_add(counter, amount, __ATOMIC_RELAXED);
}
