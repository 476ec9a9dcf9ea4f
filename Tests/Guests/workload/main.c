// workload NAME COUNT: prepares memory, says "ready", waits for a line on standard input, does one
// thing to that memory and says what came of it.
// workload prefer-node-0 PROGRAM...: runs a program with that memory policy, which keeps NUMA balancing
// from moving its pages: what moves is to be the workload's doing alone.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "workloads.h"

static const struct {
  const char *name;
  void (*run)(size_t count);
} workloads[] = {
    {"move-base", move_base},
    {"move-huge", move_huge},
    {"move-held", move_held},
    {"move-huge-held", move_huge_held},
    {"move-shared", move_shared},
    {"bind-base", bind_base},
    {"migrate-base", migrate_base},
    {"migrate-huge", migrate_huge},
    {"split-huge", split_huge},
    {"balance", balance},
    {"demote", demote},
    {"promote", promote},
    {"stay-on-node-0", stay_on_node_0},
    {"stay-on-node-1", stay_on_node_1},
    {"stay-on-node-2", stay_on_node_2},
    {"soft-offline", soft_offline},
    {"soft-offline-hugetlb", soft_offline_hugetlb},
    {"pin-for-long", pin_for_long},
    {"scatter", scatter},
    {"placed", placed},
};

int main(int argument_count, char **arguments) {
  if (argument_count > 2 && !strcmp(arguments[1], "prefer-node-0")) {
    prefer_node_0();
    execv(arguments[2], arguments + 2);
    fail(arguments[2]);
  }
  for (size_t i = 0; argument_count == 3 && i < sizeof workloads / sizeof *workloads; i++) {
    if (strcmp(arguments[1], workloads[i].name)) continue;
    workloads[i].run(strtoul(arguments[2], NULL, 10));
    return 0;
  }
  fprintf(stderr, "usage: workload NAME COUNT\n");
  return 64;
}
