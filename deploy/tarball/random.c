// glibc has arc4random_buf(3) since 2.36, and Debian's archive of libcrypt calls it to make a hash. The exporter makes none;
// with this the tarball's program starts with an older glibc, too.
#include <stdlib.h>
#include <sys/random.h>

void arc4random_buf(void *buffer, size_t size) {
  for (char *place = buffer; size > 0;) {
    ssize_t count = getrandom(place, size, 0);
    if (count <= 0) abort();
    place += count;
    size -= count;
  }
}
