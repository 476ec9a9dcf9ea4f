// One function for each workload. `count` is in base pages, or in huge pages where the name says so.
#pragma once

#include <stddef.h>

void move_base(size_t count);
void move_huge(size_t count);
void move_held(size_t count);
void move_huge_held(size_t count);
void move_shared(size_t count);
void bind_base(size_t count);
void migrate_base(size_t count);
void migrate_huge(size_t count);
void split_huge(size_t count);
void balance(size_t count);
void demote(size_t count);
void promote(size_t count);
void stay_on_node_0(size_t count);
void stay_on_node_1(size_t count);
void stay_on_node_2(size_t count);
void soft_offline(size_t count);
void soft_offline_hugetlb(size_t count);
void pin_for_long(size_t count);
void scatter(size_t count);
void placed(size_t count);
