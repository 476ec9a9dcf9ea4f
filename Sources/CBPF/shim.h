#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
#include <string.h>
#include <unistd.h>

// libbpf finds tracepoints under a path of its own choosing; the reader knows the number already.
// perf_event_open has no function in the C library, and syscall() is variadic: a macro-like wrapper.
// The event is opened on one CPU, as it must be somewhere; the eBPF program runs on all of them.
static inline int cbpf_open_tracepoint(unsigned int number) {
  struct perf_event_attr attributes = {
      .type = PERF_TYPE_TRACEPOINT,
      .size = sizeof(struct perf_event_attr),
      .config = number,
      .sample_period = 1,
      .wakeup_events = 1,
  };
  return (int)syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
}

#include <bpf/btf.h>

// Whether the first argument of a kernel's tracepoint is a pointer to such a struct.
static inline int cbpf_tracepoint_takes(
    const struct btf *kernel, const char *prototype, const char *name) {
  int number = btf__find_by_name_kind(kernel, prototype, BTF_KIND_TYPEDEF);
  const struct btf_type *type = number < 0 ? NULL : btf__type_by_id(kernel, (unsigned)number);
  if (type) type = btf__type_by_id(kernel, type->type);  // A pointer to the function
  if (type) type = btf__type_by_id(kernel, type->type);
  if (!type || BTF_INFO_VLEN(type->info) < 2) return 0;
  // The very first is what the kernel passes to every tracepoint's function.
  type = btf__type_by_id(kernel, btf_params(type)[1].type);
  if (!type || BTF_INFO_KIND(type->info) != BTF_KIND_PTR) return 0;
  type = btf__type_by_id(kernel, type->type);
  return type && strcmp(btf__name_by_offset(kernel, type->name_off), name) == 0;
}

// The number of arguments of a kernel's function, as its BTF tells it; -1 where it has no such one.
static inline int cbpf_arguments(const struct btf *kernel, const char *function) {
  int number = btf__find_by_name_kind(kernel, function, BTF_KIND_FUNC);
  const struct btf_type *type = number < 0 ? NULL : btf__type_by_id(kernel, (unsigned)number);
  const struct btf_type *prototype = type ? btf__type_by_id(kernel, type->type) : NULL;
  return prototype ? (int)BTF_INFO_VLEN(prototype->info) : -1;
}

// Whether the kernel's BTF has this variable, of which each CPU has one.
static inline int cbpf_has_variable(const struct btf *kernel, const char *name) {
  return btf__find_by_name_kind(kernel, name, BTF_KIND_VAR) >= 0;
}
