// What the workloads share: memory on a chosen node, and the calls that move it.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { BASE_PAGE = 4096, HUGE_PAGE = 2 << 20, BASE_PER_HUGE = HUGE_PAGE / BASE_PAGE };

// Ends the program with one line that says what failed and why.
_Noreturn void fail(const char *what);

// Every page this thread touches from now on comes from `node`.
void allocate_on(int node);

// The same for node 0, where it has room, for a program that is run next as well.
void prefer_node_0(void);

// Undoes `allocate_on`: pages come from wherever the kernel likes.
void allocate_anywhere(void);

// Fresh, touched anonymous pages, never part of a huge page.
char *base_pages(size_t count);

// Fresh, touched transparent huge pages. Fails if the kernel gave anything else.
char *huge_pages(size_t count);

// A huge-page aligned, untouched range for `count` huge pages.
char *huge_range(size_t count);

// Fresh, touched pages of the hugetlb pool.
char *hugetlb_pages(size_t count);

// move_pages(2) of `count` pages, `step` bytes apart. Returns how many are on `node` afterwards.
size_t move_pages_to(int node, char *start, size_t count, size_t step);

// How many of `count` pages, `step` bytes apart, are on `node`.
size_t pages_on(int node, char *start, size_t count, size_t step);

// Takes a reference on each of `count` pages, `step` bytes apart, until the process ends:
// vmsplice(2) puts them into a pipe. At most 16 pages, the size of a new pipe.
void hold(char *start, size_t count, size_t step);

// mbind(2) with MPOL_MF_MOVE.
void bind_range_to(int node, char *start, size_t length);

// migrate_pages(2) of process `pid` (0 is the caller).
void migrate_process(int pid, int from, int to);

// Runs this thread only on `cpu`.
void run_on_cpu(int cpu);

// Writes every base page of a range once.
void touch(char *start, size_t length);

double seconds_now(void);

// Says "ready" and waits for a line on standard input: what came before is preparation, and is
// not part of what the workload is measured by.
void wait_for_go(void);

void kill_and_wait(int child);

// Writes `text` into a file of /proc or /sys.
void write_file(const char *path, const char *text);
