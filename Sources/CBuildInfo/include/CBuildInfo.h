#pragma once

/// The git commit that the program was built from, or "unknown" outside a checkout.
const char *build_revision(void);

/// The argument at this place, 0 for the program's name. Null behind the last.
const char *program_argument(int place);

/// Tells the kernel that no page of the program's code and constants, or of its libraries', is needed now:
/// what only the start used no longer counts as this process' memory. What is needed again comes back from
/// the page cache, 64 KiB at a minor fault. Linux: madvise(2), MADV_DONTNEED.
void give_back_code(void);
