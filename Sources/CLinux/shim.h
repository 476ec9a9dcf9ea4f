#pragma once
// What Swift's Glibc module leaves out: fstatfs(2) and the numbers of the file systems.
#include <linux/magic.h>
#include <sys/vfs.h>

// Capabilities: the C library exports capset(2) without declaring it, and prctl(2) is variadic, which
// Swift cannot call: a wrapper for each use.
#include <linux/capability.h>
#include <sys/prctl.h>

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
