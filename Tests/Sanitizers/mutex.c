// Tells the thread sanitizer what Swift's Mutex does under contention.
//
// On Linux it then asks the kernel for the lock (FUTEX_LOCK_PI), inside a library that is not built
// for the sanitizer: so the sanitizer misses that one thread's unlocking comes before the other's
// locking, and calls the guarded state a race. Preloaded, this says it, and hides nothing else.
// To be deleted when a Mutex under contention is understood by `swift test --sanitize=thread`.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <linux/futex.h>
#include <stdarg.h>
#include <sys/syscall.h>

// In the sanitizer's runtime; absent in programs that are not built with it.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

long syscall(long number, ...) {
  static long (*next)(long, ...);
  if (!next) next = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  va_list list;
  va_start(list, number);
  long a[6];
  for (int i = 0; i < 6; i++) a[i] = va_arg(list, long);
  va_end(list);
  int operation = number == SYS_futex ? (int)a[1] & FUTEX_CMD_MASK : -1;
  if (operation == FUTEX_UNLOCK_PI && __tsan_release) __tsan_release((void *)a[0]);
  long result = next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
  int locks = operation == FUTEX_LOCK_PI || operation == FUTEX_TRYLOCK_PI;
  if (locks && result == 0 && __tsan_acquire) __tsan_acquire((void *)a[0]);
  return result;
}
