#define _GNU_SOURCE
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include "CBuildInfo.h"

static int give_back_unwritten(struct dl_phdr_info *object, size_t size, void *unused) {
  (void)size, (void)unused;
  const unsigned long page = (unsigned long)sysconf(_SC_PAGESIZE);
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &object->dlpi_phdr[i];
    // What is writable holds what the loader wrote, and would be lost.
    if (part->p_type != PT_LOAD || part->p_flags & PF_W) continue;
    unsigned long begin = (object->dlpi_addr + part->p_vaddr) / page * page;
    unsigned long end = (object->dlpi_addr + part->p_vaddr + part->p_memsz) / page * page;
    if (end > begin) madvise((void *)begin, end - begin, MADV_DONTNEED);
  }
  return 0;
}

void give_back_code(void) { dl_iterate_phdr(give_back_unwritten, NULL); }
