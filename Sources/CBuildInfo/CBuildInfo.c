#include "CBuildInfo.h"

// Swift has no macro with a value, so the manifest hands the commit over through C.
const char *build_revision(void) { return PAGE_MIGRATION_REVISION; }
