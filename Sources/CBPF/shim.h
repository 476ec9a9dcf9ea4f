#pragma once

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>
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
