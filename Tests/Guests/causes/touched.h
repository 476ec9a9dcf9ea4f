// Pages that are touched while they are moved.
#pragma once

#include <stddef.h>

// A thread touches pages while another moves them to and fro: it has to wait for those that are on their way. First
// `count` base pages, then huge pages, then pages of hugetlb. Says how long
// it slept, and how long it was ready to run and did not.
void touched(size_t count);
