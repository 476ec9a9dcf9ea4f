#include "CBuildInfo.h"

#include <stddef.h>

static int count;
static char **arguments;

// The C library calls what is in .init_array with main's own arguments. Swift takes them from
// /proc/self/cmdline, and finds none where that cannot be read.
__attribute__((constructor)) static void keep_arguments(int argc, char **argv) {
  count = argc;
  arguments = argv;
}

const char *program_argument(int place) {
  return place >= 0 && place < count ? arguments[place] : NULL;
}
