// SPDX-License-Identifier: GPL-2.0-only
//
// Refers to pages of each range that a driver moves, from when they are taken away from the process until their fate is
// decided. Whoever does so by chance has the time between two lines of a driver for it.
#include <linux/kprobes.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/module.h>

enum { MOST = 512 };

static unsigned int pages;
module_param(pages, uint, 0644);
MODULE_PARM_DESC(pages, "To how many of each range, from the first");

static struct page *referred_to[MOST];
static unsigned int count;

static int take(struct kprobe *probe, struct pt_regs *registers) {
  const struct migrate_vma *range = (void *)regs_get_kernel_argument(registers, 0);
  for (unsigned long i = 0; i < range->npages && count < pages && count < MOST; i++) {
    struct page *page = range->src[i] & MIGRATE_PFN_MIGRATE ? migrate_pfn_to_page(range->src[i]) : NULL;
    if (!page) continue;
    get_page(page);
    referred_to[count++] = page;
  }
  return 0;
}

// The driver still has a reference of its own, so this is never the last.
static int give_back(struct kprobe *probe, struct pt_regs *registers) {
  while (count) put_page(referred_to[--count]);
  return 0;
}

static struct kprobe before = {.symbol_name = "migrate_vma_pages", .pre_handler = take};
static struct kprobe after = {.symbol_name = "migrate_vma_finalize", .pre_handler = give_back};

static int __init start(void) {
  int error = register_kprobe(&before);
  if (error) return error;
  error = register_kprobe(&after);
  if (error) unregister_kprobe(&before);
  return error;
}

static void __exit stop(void) {
  unregister_kprobe(&before);
  unregister_kprobe(&after);
}

module_init(start);
module_exit(stop);
MODULE_DESCRIPTION("Refers to pages while they are moved to or from a device");
MODULE_LICENSE("GPL");
