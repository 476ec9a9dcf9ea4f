# Stops everything that moves pages unasked, so that a workload's effect is its own.

write() { [ -e "$2" ] && echo "$1" > "$2"; }

write 0 /proc/sys/kernel/numa_balancing
write 0 /proc/sys/vm/compaction_proactiveness
write 0 /sys/kernel/mm/transparent_hugepage/khugepaged/defrag
write madvise /sys/kernel/mm/transparent_hugepage/enabled
