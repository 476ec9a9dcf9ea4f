// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
//
// Says why pages did not move: hands each page that migrate_pages() counts as failed to one cause.
//
// Nothing here runs for a page that moves. What is attached where, in mm/migrate.c:
//
//   entered   entry of migrate_pages(), once a call: keeps where its list of pages is.
//   undone    entry of migrate_folio_undo_src(), once a failed attempt: the folio is unmapped still
//             (if it could be), so what keeps it is to be seen. The cause is kept under its address;
//             a later attempt's takes its place.
//   starved   return of migrate_pages_batch() with -ENOMEM: there was no page to move one to.
//   failed    tracepoint mm_migrate_pages, once a call. What did not move is on the call's list by
//             now. As many pages as the kernel counts as failed are handed out: first those with a
//             cause kept in this call; then, where it starved, the others to no_target; what is
//             left is unknown. So the sum over causes is the kernel's number, whatever happened.
//   refused   return of migrate_misplaced_folio_prepare(): what NUMA balancing never tried.
//
// Where the kernel lets nothing be attached to its functions (a lockdown, an old kernel), compaction,
// which makes most failures, can be told from tracepoints alone:
//
//   compacting  tracepoint mm_compaction_begin: keeps where the list of pages is that compaction is
//               to move. At the end of its call, `failed` looks at what is left on it, which by then
//               is mapped and unlocked again: so it sees what still keeps a page, not what did.
//
// Where a field is, and which bit a flag has, comes from the running kernel's own description (BTF).

#include "ebpf.h"

#define from_kernel __attribute__((preserve_access_index))

static long (*const repeat)(u32 times, void *body, void *context, u64 flags) = (void *)181;

// ---- Shared with FailureLayout.swift: change both. -----------------------------------------------

enum { REASONS = 32, CAUSES = 16, KINDS = 8, REFUSALS = 8 };

// Why a page did not move.
enum cause {
  LOCKED,           // another has locked it, and the caller does not wait
  WRITEBACK,        // it is being written to disk, and the caller does not wait
  PINNED,           // pinned for a device (GUP)
  EXTRA_REFERENCE,  // held by more than the kernel expects: a pipe, direct I/O
  STILL_MAPPED,     // it could not be unmapped
  BUFFERS_BUSY,     // its file system's buffers are in use
  PRIVATE_DATA,     // private data that could not be released
  NO_MIGRATE_OP,    // its file system cannot migrate dirty pages
  INACCESSIBLE,     // memory of a confidential guest
  NO_TARGET,        // no page to move it to
  DRIVER,           // the driver that owns it refused
  MEMORY_ERROR,     // its memory is broken
  TRANSIENT,        // what kept it was gone when it was looked at
  UNKNOWN,
};

enum kind { ANON, SHMEM, FILE, HUGETLB, MOVABLE_OPS, UNKNOWN_KIND };

enum refusal { SHARED_EXECUTABLE, OTHER };

struct failures {
  u64 causes[CAUSES];
  u64 kinds[KINDS];
};

struct slot {
  struct failures reasons[REASONS];
  u64 refusals[REFUSALS];
};

// Set by the reader before the kernel verifies the programs.
const volatile struct {
  u32 slots;
} settings = {.slots = 1};

// ---- What of the kernel's types is needed (include/linux/mm_types.h, fs.h, page-flags.h) ---------

// Only part of what follows, so never looked for by name.
struct list {
  struct list *next, *previous;
};

struct counter {
  s32 counter;
};

struct folio {
  // The flags are the first word, whatever their type is called.
  struct list lru;
  struct address_space *mapping;
  struct counter _mapcount;  // A page's type where it has one
  struct counter _refcount;
  unsigned long _flags_1;  // The order of a large folio in its first byte, from 6.6 on
  unsigned char _folio_order;  // Before
  struct counter _large_mapcount, _nr_pages_mapped, _pincount;
} from_kernel;

// mm/internal.h
struct compact_control {
  struct list migratepages;
} from_kernel;

enum migrate_reason { MR_COMPACTION };

struct address_space_operations {
  void *migrate_folio;
} from_kernel;

struct address_space {
  unsigned long flags;
  const struct address_space_operations *a_ops;
} from_kernel;

enum pageflags {
  PG_locked, PG_writeback, PG_dirty, PG_head, PG_private, PG_swapbacked, PG_swapcache, PG_hwpoison,
  PG_movable_ops,
};
enum pagetype { PGTY_offline, PGTY_zsmalloc, PGTY_hugetlb };
enum mapping_flags { AS_INACCESSIBLE };

#define exists(type, name) __builtin_preserve_enum_value(*(enum type *)name, 0)
#define value(type, name) __builtin_preserve_enum_value(*(enum type *)name, 1)
#define has_field(of, name) __builtin_preserve_field_info((of)->name, 2)
#define offset_of(type, name) __builtin_preserve_field_info(((type *)0)->name, 0)
#define get(to, of, name) read_kernel(&(to), sizeof(to), &(of)->name)
#define in_page(type, name) (*(type *)((char *)page + offset_of(struct folio, name)))
#define has_flag(flags, name) \
  (exists(pageflags, name) && ((flags) >> value(pageflags, name) & 1))
#define is_type(mapcount, name) \
  (exists(pagetype, name) && (u32)(mapcount) >> 24 == value(pagetype, name))

enum { MAPPING_ANON = 1, MAPPING_MOVABLE = 2, PINS_OF_SMALL_FOLIO = 1024 };

// What the kernel knows of a folio, read once. The next one is that on the same list.
struct look {
  u64 flags, next, mapping, pages;
  s32 references, mappings;
  u32 is_pinned, is_movable_ops, is_hugetlb;
};

inlined struct look look_at(struct folio *folio) {
  // All at once: a page's struct is one line of the cache, and a read costs more than its bytes.
  u64 page[8] = {0};
  read_kernel(page, sizeof page, folio);
  struct counter count = in_page(struct counter, _refcount);
  struct counter mapcount = in_page(struct counter, _mapcount);
  struct look look = {
      .flags = page[0],
      .next = in_page(u64, lru),
      .mapping = in_page(u64, mapping),
      .pages = 1,
      .references = count.counter,
  };
  look.is_hugetlb = is_type(mapcount.counter, PGTY_hugetlb);
  look.is_movable_ops =
      exists(pageflags, PG_movable_ops)
          ? (is_type(mapcount.counter, PGTY_offline) || is_type(mapcount.counter, PGTY_zsmalloc))
          : (look.mapping & 3) == MAPPING_MOVABLE;
  if (has_flag(look.flags, PG_head)) {
    unsigned long flags = 0;
    unsigned char order = 0;
    if (has_field(folio, _folio_order)) {
      get(order, folio, _folio_order);
    } else {
      get(flags, folio, _flags_1);
      order = (unsigned char)flags;
    }
    look.pages = 1ull << (order & 31);
    struct counter pins = {0}, mappings = {0};
    get(pins, folio, _pincount);
    look.is_pinned = pins.counter > 0;
    if (has_field(folio, _large_mapcount)) {
      get(mappings, folio, _large_mapcount);
      look.mappings = mappings.counter + 1;
    } else if (has_field(folio, _nr_pages_mapped)) {
      get(mappings, folio, _nr_pages_mapped);
      look.mappings = mappings.counter;
    }
  } else {
    look.mappings = mapcount.counter >= -1 ? mapcount.counter + 1 : 0;
    look.is_pinned = look.references >= PINS_OF_SMALL_FOLIO &&
                     look.references - look.mappings >= PINS_OF_SMALL_FOLIO;
  }
  return look;
}

inlined u32 kind_of(const struct look *look) {
  if (look->is_movable_ops) return MOVABLE_OPS;
  if (look->is_hugetlb) return HUGETLB;
  if (!look->mapping) return UNKNOWN_KIND;  // On its way from swap, it is not yet one or the other
  if (look->mapping & MAPPING_ANON) return ANON;
  return has_flag(look->flags, PG_swapbacked) ? SHMEM : FILE;
}

// Those who may hold it while it is migrated: folio_expected_ref_count() and who isolated it.
inlined s32 expected_references(const struct look *look) {
  s32 expected = 1 + look->mappings;
  if (look->mapping & MAPPING_ANON) {
    if (has_flag(look->flags, PG_swapcache)) expected += look->pages;
  } else if (look->mapping) {
    expected += look->pages + has_flag(look->flags, PG_private);
  }
  return expected;
}

// What keeps the folio where it is, as far as it shows.
inlined u32 what_keeps(const struct look *look) {
  if (has_flag(look->flags, PG_hwpoison)) return MEMORY_ERROR;
  if (look->is_movable_ops) return DRIVER;
  if (look->is_pinned) return PINNED;
  if (look->is_hugetlb) return UNKNOWN;
  if (look->references > expected_references(look)) return EXTRA_REFERENCE;
  if (!look->mapping || look->mapping & 3) return TRANSIENT;

  struct address_space *mapping = (struct address_space *)look->mapping;
  if (exists(mapping_flags, AS_INACCESSIBLE)) {
    unsigned long flags = 0;
    get(flags, mapping, flags);
    if (flags >> value(mapping_flags, AS_INACCESSIBLE) & 1) return INACCESSIBLE;
  }
  const struct address_space_operations *operations = 0;
  void *migrate = 0;
  get(operations, mapping, a_ops);
  get(migrate, operations, migrate_folio);
  u32 has_private = has_flag(look->flags, PG_private);
  if (migrate) return has_private ? BUFFERS_BUSY : TRANSIENT;
  if (has_flag(look->flags, PG_dirty)) return NO_MIGRATE_OP;
  return has_private ? PRIVATE_DATA : TRANSIENT;
}

// ---- Maps ----------------------------------------------------------------------------------------

// One slot per CPU, mapped into the reader's memory.
struct {
  NUMBER(type, MAP_ARRAY);
  NUMBER(max_entries, 1);
  NUMBER(map_flags, MAP_IS_MAPPABLE);
  TYPE(key, u32);
  TYPE(value, struct slot);
} failures SECTION(".maps");

enum { NESTED = 4 };

struct call {
  u64 pages;  // The head of its list
  u64 number;
  u64 has_starved;
};

// The calls a thread is in, outermost first, as in migration.bpf.c.
struct calls {
  struct call calls[NESTED];
  u32 depth;
};

struct {
  NUMBER(type, MAP_LRU_HASH);
  NUMBER(max_entries, 8192);
  TYPE(key, u32);
  TYPE(value, struct calls);
} calls_by_thread SECTION(".maps");

// Why the last attempt to move a folio failed. One of another call is not looked at: the folio has
// moved since, or is another.
struct failure {
  u64 call;
  u32 cause, kind;
};

enum { FAILURES_KEPT = 16384 };

struct {
  NUMBER(type, MAP_LRU_HASH);
  NUMBER(max_entries, FAILURES_KEPT);
  TYPE(key, u64);
  TYPE(value, struct failure);
} failure_by_folio SECTION(".maps");

// What compaction is at in a thread; the last one where it is at none.
struct {
  NUMBER(type, MAP_LRU_HASH);
  NUMBER(max_entries, 4096);
  TYPE(key, u32);
  TYPE(value, u64);
} compaction_by_thread SECTION(".maps");

inlined struct calls *current_calls(void) {
  u32 thread = current_thread();
  return look_up(&calls_by_thread, &thread);
}

inlined struct call *innermost(struct calls *calls) {
  return calls && calls->depth ? &calls->calls[(calls->depth - 1) & (NESTED - 1)] : 0;
}

inlined struct slot *current_slot(void) {
  u32 cpu = current_cpu() % settings.slots;
  return look_up(&failures, &cpu);
}

// ---- Programs ------------------------------------------------------------------------------------

SECTION("fentry/migrate_pages") int entered(arguments *a) {
  u32 thread = current_thread();
  struct call call = {.pages = a[0], .number = monotonic_nanoseconds() << 16 ^ thread};
  struct calls *calls = look_up(&calls_by_thread, &thread);
  if (!calls) {
    struct calls first = {.calls = {call}, .depth = 1};
    update(&calls_by_thread, &thread, &first, 0);
    return 0;
  }
  if (calls->depth >= NESTED) {
    for (u32 i = 1; i < NESTED; i++) calls->calls[i - 1] = calls->calls[i];
    calls->depth = NESTED - 1;
  }
  u32 place = calls->depth & (NESTED - 1);
  calls->calls[place] = call;
  calls->depth = place + 1;
  return 0;
}

// migrate_folio_undo_src(src, page_was_mapped, anon_vma, locked, ret)
SECTION("fentry/migrate_folio_undo_src") int undone(arguments *a) {
  struct call *call = innermost(current_calls());
  if (!call) return 0;
  struct look look = look_at((struct folio *)a[0]);
  struct failure failure = {.call = call->number, .kind = kind_of(&look)};
  u32 is_locked_by_us = a[3] & 1, was_mapped = (u32)a[1] != 0;
  if (!is_locked_by_us) failure.cause = LOCKED;
  else if (has_flag(look.flags, PG_writeback)) failure.cause = WRITEBACK;
  else if (was_mapped && look.mappings > 0 && !look.is_pinned) failure.cause = STILL_MAPPED;
  else failure.cause = what_keeps(&look);
  u64 folio = a[0];
  update(&failure_by_folio, &folio, &failure, 0);
  return 0;
}

enum { BATCH_ARGUMENTS = 10, MINUS_ENOMEM = -12 };

SECTION("fexit/migrate_pages_batch") int starved(arguments *a) {
  if ((s32)a[BATCH_ARGUMENTS] != MINUS_ENOMEM) return 0;
  struct call *call = innermost(current_calls());
  if (call) call->has_starved = 1;
  return 0;
}

// mm_compaction_begin(cc, zone_start, zone_end, sync)
SECTION("tp_btf/mm_compaction_begin") int compacting(arguments *a) {
  u32 thread = current_thread();
  u64 pages = a[0] + offset_of(struct compact_control, migratepages);
  update(&compaction_by_thread, &thread, &pages, 0);
  return 0;
}

// A pass over the pages of a call. The first hands out what has a cause kept, the second the rest.
struct pass {
  struct failures *to;
  u64 head, at, call, left;
  u32 is_second, has_starved;
};

static long hand_out(u64 index, struct pass *pass) {
  (void)index;
  if (!pass->at || pass->at == pass->head) return 1;
  u64 folio = pass->at - offset_of(struct folio, lru);
  struct look look = look_at((struct folio *)folio);
  pass->at = look.next;
  struct failure *kept = pass->call ? look_up(&failure_by_folio, &folio) : 0;
  u32 is_kept = kept && kept->call == pass->call;
  if (is_kept == pass->is_second) return 0;

  u32 kind = is_kept ? kept->kind : kind_of(&look);
  u32 cause;
  if (is_kept) cause = kept->cause;
  else if (pass->has_starved) cause = NO_TARGET;
  else if (has_flag(look.flags, PG_locked)) cause = LOCKED;
  else if (has_flag(look.flags, PG_writeback)) cause = WRITEBACK;
  else cause = what_keeps(&look);

  u64 pages = look.pages < pass->left ? look.pages : pass->left;
  add(&pass->to->causes[place_of(cause, CAUSES)], pages);
  add(&pass->to->kinds[place_of(kind, KINDS)], pages);
  pass->left -= pages;
  return pass->left == 0;
}

inlined void begin(struct pass *pass) {
  pass->at = 0;
  read_kernel(&pass->at, 8, (void *)pass->head);
}

enum { PAGES_LOOKED_AT = 8192 };

inlined int failed(u64 left, u32 number) {
  struct calls *calls = current_calls();
  struct call *call = innermost(calls);
  if (left) {
    u64 reason = number;
    struct slot *slot = current_slot();
    if (slot) {
      struct pass pass = {.to = &slot->reasons[place_of(reason, REASONS)], .left = left};
      if (call) {
        pass.head = call->pages;
        pass.call = call->number;
        pass.has_starved = call->has_starved;
        begin(&pass);
        repeat(PAGES_LOOKED_AT, hand_out, &pass, 0);
      } else if (reason == value(migrate_reason, MR_COMPACTION)) {
        u32 thread = current_thread();
        u64 *pages = look_up(&compaction_by_thread, &thread);
        if (pages) pass.head = *pages;
      }
      pass.is_second = 1;
      if (pass.head && pass.left) {
        begin(&pass);
        repeat(PAGES_LOOKED_AT, hand_out, &pass, 0);
      }
      // Split large folios' pages may be counted that hang on no list.
      add(&pass.to->causes[pass.has_starved ? NO_TARGET : UNKNOWN], pass.left);
      add(&pass.to->kinds[UNKNOWN_KIND], pass.left);
    }
  }
  if (call) calls->depth -= 1;
  return 0;
}

// As end_raw_5 and end_raw_6 of migration.bpf.c: five counts before mode and reason, or six.
SECTION("raw_tracepoint") int failed_5(arguments *a) { return failed(a[1], (u32)a[6]); }
SECTION("raw_tracepoint") int failed_6(arguments *a) { return failed(a[1], (u32)a[7]); }

enum { MINUS_EACCES = -13 };

// migrate_misplaced_folio_prepare(folio, vma, node)
SECTION("fexit/migrate_misplaced_folio_prepare") int refused(arguments *a) {
  s32 result = (s32)a[3];
  if (result == 0) return 0;
  struct slot *slot = current_slot();
  if (slot) add(&slot->refusals[result == MINUS_EACCES ? SHARED_EXECUTABLE : OTHER], 1);
  return 0;
}

char licence[] SECTION("license") = "Dual BSD/GPL";
