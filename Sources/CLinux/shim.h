#pragma once
// What Swift's Glibc module leaves out: fstatfs(2) and the numbers of the file systems.
#include <linux/magic.h>
#include <sys/vfs.h>

// Capabilities: the C library exports capget(2) and capset(2) without declaring them, and prctl(2) is variadic, which
// Swift cannot call: a wrapper for each use.
#include <linux/capability.h>
#include <sys/prctl.h>

extern int capget(cap_user_header_t header, cap_user_data_t data);
extern int capset(cap_user_header_t header, cap_user_data_t data);

static inline int drop_from_bounding_set(unsigned long capability) {
  return prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}
static inline int clear_ambient_set(void) {
  return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}
static inline int set_no_new_privileges(void) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
static inline int stay_readable(void) {
  return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

// A thread's name, as `ps -T` shows it: prctl(2) again.
static inline int name_thread(const void *name) {
  return prctl(PR_SET_NAME, name, 0, 0, 0);
}

// epoll(7) and accept4(2), which Swift's Glibc module leaves out. They are declared here
// since their headers declare much else that the module has as well.
#include <stdint.h>

struct epoll_event {
  uint32_t events;
  uint64_t data;
}
#ifdef __x86_64__
__attribute__((packed))
#endif
;

extern int epoll_create1(int flags);
extern int epoll_ctl(int epoll, int operation, int descriptor, struct epoll_event *event);
extern int epoll_wait(int epoll, struct epoll_event *events, int count, int milliseconds);
extern int accept4(int listener, void *address, unsigned int *length, int flags);

// include/uapi/linux/eventpoll.h
enum { epoll_add = 1, epoll_delete = 2, epoll_modify = 3 };
static const uint32_t epoll_input = 0x1, epoll_half_closed = 0x2000, epoll_edge = 1u << 31;
static const short poll_half_closed = 0x2000;

// A timer that can be waited for with a descriptor: timerfd_create(2).
#include <sys/timerfd.h>

static inline int open_timer(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK); }

/// Once, so long from now; 0 would stop it.
static inline int set_timer(int timer, long nanoseconds) {
  struct itimerspec time = {.it_value = {nanoseconds / 1000000000, nanoseconds % 1000000000}};
  return timerfd_settime(timer, 0, &time, NULL);
}

// Sockets between a machine and its guests (vsock(7)), whose header wants another that the module has.
// Laid out as sockaddr_vm of include/uapi/linux/vm_sockets.h.
struct vsock_name {
  uint16_t family, reserved;
  uint32_t port, cid;
  uint8_t flags, zero[3];
};
static const uint32_t vsock_any_cid = UINT32_MAX, vsock_any_port = UINT32_MAX;

/// Bytes that a TCP connection has received, or -1: tcpi_bytes_received of the kernel's tcp_info
/// (include/uapi/linux/tcp.h), which the C library's own is too short for.
static inline long long tcp_bytes_received(int descriptor) {
  extern int getsockopt(int, int, int, void *restrict, unsigned int *restrict);
  struct { unsigned char before[128]; unsigned long long bytes_received; } info;
  unsigned int size = sizeof info;
  // IPPROTO_TCP, TCP_INFO
  if (getsockopt(descriptor, 6, 11, &info, &size) != 0 || size < sizeof info) return -1;
  return (long long)info.bytes_received;
}

// Landlock (landlock(7)), which the C library has no functions for, and syscall(2) is variadic.
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/syscall.h>

extern long syscall(long number, ...);

/// The version of the kernel's Landlock, or -1 where it has none.
static inline long landlock_version(void) {
  return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}
static inline long landlock_ruleset(uint64_t closed) {
  struct landlock_ruleset_attr attributes = {.handled_access_fs = closed};
  return syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
}
static inline long landlock_open(int ruleset, int folder, uint64_t open) {
  struct landlock_path_beneath_attr rule = {.allowed_access = open, .parent_fd = folder};
  return syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
}
static inline long landlock_enter(int ruleset) {
  return syscall(SYS_landlock_restrict_self, ruleset, 0);
}
