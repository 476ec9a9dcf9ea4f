#pragma once

/// The git commit that the program was built from, or "unknown" outside a checkout.
const char *build_revision(void);

/// The argument at this place, 0 for the program's name. Null behind the last.
const char *program_argument(int place);
