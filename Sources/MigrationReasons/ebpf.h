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

enum { MAP_ARRAY = 2, MAP_LRU_HASH = 9, MAP_IS_MAPPABLE = 1 << 10 };

// A map is described by the types of a struct's members; libbpf reads them from the object's BTF.
#define NUMBER(name, value) int(*name)[value]
#define TYPE(name, type) type *name

static void *(*const look_up)(void *map, const void *key) = (void *)1;
static long (*const update)(void *map, const void *key, const void *value, u64 flags) = (void *)2;
static u64 (*const monotonic_nanoseconds)(void) = (void *)5;
static u32 (*const current_cpu)(void) = (void *)8;
static u64 (*const current_process_and_thread)(void) = (void *)14;
static long (*const read_kernel)(void *to, u32 size, const void *from) = (void *)113;

inlined u32 current_thread(void) { return (u32)current_process_and_thread(); }

// Shared with SlotLayout.swift: at most 1 us, 2 us, 4 us … 2^24 us (16.8 s), and beyond. Change both.
enum { BUCKETS = 26 };

// The first bucket whose bound is not below the duration: 0 for 1 us, k for 2^k us.
inlined u64 bucket(u64 nanoseconds) {
  u64 above = (nanoseconds + 999) / 1000;
  if (above <= 1) return 0;
  above -= 1;
  u64 bits = 1;
  if (above >> 32) return BUCKETS - 1;
  if (above >> 16) bits += 16, above >>= 16;
  if (above >> 8) bits += 8, above >>= 8;
  if (above >> 4) bits += 4, above >>= 4;
  if (above >> 2) bits += 2, above >>= 2;
  if (above >> 1) bits += 1;
  return bits;
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
