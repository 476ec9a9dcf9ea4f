#pragma once

#include <linux/capability.h>
#include <sys/prctl.h>

// The C library exports capset(2) and capget(2) without declaring them; libcap's header would.
extern int capset(cap_user_header_t header, cap_user_data_t data);
extern int capget(cap_user_header_t header, cap_user_data_t data);

// prctl(2) is variadic, so it cannot be called from Swift: a wrapper for each use.
static inline int ccapability_drop_from_bounding_set(unsigned long capability) {
  return prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
}
static inline int ccapability_clear_ambient_set(void) {
  return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}
static inline int ccapability_set_no_new_privileges(void) {
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}
