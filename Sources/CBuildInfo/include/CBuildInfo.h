#pragma once

/// The git commit that the program was built from, or "unknown" outside a checkout.
const char *build_revision(void);
