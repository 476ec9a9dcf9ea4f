# The kernel's own record of why pages moved: every mm_migrate_pages event of a step, summed by
# reason. One line for each: reason, calls, pages migrated, pages failed, THPs migrated, failed, split.

tracing=/sys/kernel/tracing

# The event stays on, and only the recording is switched: each switch of an event patches the kernel's
# code, which the emulator now and then gets wrong ("Oops: int3").
echo 0 > $tracing/tracing_on
echo 8192 > $tracing/buffer_size_kb
echo 1 > $tracing/events/migrate/mm_migrate_pages/enable

start_trace() {
  echo > $tracing/trace
  echo 1 > $tracing/tracing_on
}

# sum_trace FILE: what has been recorded since start_trace, which ends here.
sum_trace() {
  echo 0 > $tracing/tracing_on
  awk -F 'mm_migrate_pages: ' 'NF > 1 {
    count = split($2, pairs, " ")
    for (i = 1; i <= count; i++) { split(pairs[i], pair, "="); value[pair[1]] = pair[2] }
    reason = value["reason"]; calls[reason]++
    migrated[reason] += value["nr_succeeded"]; failed[reason] += value["nr_failed"]
    huge[reason] += value["nr_thp_succeeded"]; huge_failed[reason] += value["nr_thp_failed"]
    huge_split[reason] += value["nr_thp_split"]
  } END {
    for (reason in calls) print reason, calls[reason], migrated[reason], failed[reason],
      huge[reason], huge_failed[reason], huge_split[reason]
  }' $tracing/trace > "$1"
  lost=$(grep -h '^overrun: [1-9]' $tracing/per_cpu/cpu*/stats) && echo "trace: $lost" >> "$here/failed"
}
