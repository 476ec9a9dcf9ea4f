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

// Where this variable is among those that each CPU has, and its size: both as the section says that holds
// them. 0 where it is not told. What is torn is taken for absent: no number is trusted before it is looked up.
static inline int cbpf_variable_of_cpu(
    const struct btf *kernel, const char *name, unsigned int *offset, unsigned int *size) {
  int number = btf__find_by_name_kind(kernel, ".data..percpu", BTF_KIND_DATASEC);
  const struct btf_type *section = number < 0 ? NULL : btf__type_by_id(kernel, (unsigned)number);
  if (!section) return 0;
  const struct btf_var_secinfo *variables = btf_var_secinfos(section);
  for (unsigned place = 0; place < btf_vlen(section); place++) {
    const struct btf_type *variable = btf__type_by_id(kernel, variables[place].type);
    if (!variable || !btf_is_var(variable)) continue;
    const char *its_name = btf__name_by_offset(kernel, variable->name_off);
    if (!its_name || strcmp(its_name, name) != 0) continue;
    *offset = variables[place].offset;
    *size = variables[place].size;
    return (unsigned long long)*offset + *size <= section->size;
  }
  return 0;
}

// Whether a struct has such a member, also in unnamed ones within it. No more members are looked at than
// any of the kernel's has: a torn description may have a struct within itself.
static inline int cbpf_type_has_member(
    const struct btf *kernel, unsigned int number, const char *name, int *left) {
  const struct btf_type *type = btf__type_by_id(kernel, number);
  if (!type || !btf_is_composite(type)) return 0;
  const struct btf_member *members = btf_members(type);
  for (unsigned place = 0; place < btf_vlen(type) && --*left > 0; place++) {
    const char *its_name = btf__name_by_offset(kernel, members[place].name_off);
    if (!its_name) continue;
    if (strcmp(its_name, name) == 0) return 1;
    if (!*its_name && cbpf_type_has_member(kernel, members[place].type, name, left)) return 1;
  }
  return 0;
}

static inline int cbpf_has_member(
    const struct btf *kernel, const char *structure, const char *member) {
  int number = btf__find_by_name_kind(kernel, structure, BTF_KIND_STRUCT), left = 4096;
  return number >= 0 && cbpf_type_has_member(kernel, (unsigned)number, member, &left);
}

// bpf_prog_test_run_opts(3) of a program without arguments. libbpf copies its options twice for each run; the
// kernel takes as much of them as there is.
static inline int cbpf_run(int program, unsigned int *result) {
  union bpf_attr attributes;
  memset(&attributes, 0, sizeof(attributes.test));
  attributes.test.prog_fd = (unsigned)program;
  int failure = (int)syscall(SYS_bpf, BPF_PROG_TEST_RUN, &attributes, sizeof(attributes.test));
  *result = attributes.test.retval;
  return failure;
}
