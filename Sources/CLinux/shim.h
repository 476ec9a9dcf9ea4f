#pragma once
// What Swift's Glibc module leaves out: fstatfs(2) and the numbers of the file systems.
#include <linux/magic.h>
#include <sys/vfs.h>
