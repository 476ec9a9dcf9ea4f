#pragma once
// crypt_r(3), which Swift's Glibc module leaves out.
#include <crypt.h>
