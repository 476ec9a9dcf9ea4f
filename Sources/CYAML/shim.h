#pragma once
// libyaml's header as it is: a module map cannot name a header by its system path portably.
#include <yaml.h>
