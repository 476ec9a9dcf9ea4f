#include <math.h>

// glibc 2.35 gave hypotf a new version, and the Swift runtime asks for it; nothing else that is linked
// needs more than 2.34, which Red Hat 9 and Amazon Linux 2023 have. A double holds the square of
// every float, so nothing overflows.
float hypotf(float x, float y) {
  if (isinf(x) || isinf(y)) return INFINITY;
  return (float)sqrt((double)x * x + (double)y * y);
}
