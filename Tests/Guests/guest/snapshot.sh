# Copies of the kernel's own files, byte for byte, and of what the exporter makes of them.

# copy_files DESTINATION FILE...: keeps each file's path. One that does not exist or cannot be read
# is left out: absent is an answer too. `cat`, because the size of such a file is given as 0.
copy_files() {
  to=$1; shift
  for file in "$@"; do
    [ -f "$file" ] || continue
    folder=$to/./$file; folder=${folder%/*}
    [ -d "$folder" ] || mkdir -p "$folder"
    cat "$file" > "$to/$file" 2>/dev/null || rm -f "$to/$file"
  done
}

# The files the exporter's vmstat, node and settings collectors read.
counter_files="/proc/vmstat /sys/devices/system/node/node*/vmstat"
setting_files="/proc/sys/kernel/osrelease /proc/sys/kernel/numa_balancing
  /proc/sys/kernel/numa_balancing_promote_rate_limit_MBps /proc/sys/vm/compaction_proactiveness
  /sys/kernel/mm/numa/demotion_enabled
  /sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/mm/transparent_hugepage/defrag
  /sys/kernel/mm/transparent_hugepage/hpage_pmd_size"
node_files="/sys/devices/system/node/has_cpu /sys/devices/system/node/has_memory
  /sys/devices/system/node/node*/meminfo /sys/devices/virtual/memory_tiering/*/nodelist"

# copy_cgroups DESTINATION: every cgroup's counters, where cgroups are of version 2, as their
# cgroup.controllers says. Those below a folder named "many" are too many to copy.
copy_cgroups() {
  destination=$1
  ( cd /sys/fs/cgroup && [ -f cgroup.controllers ] && copy_files "$destination" cgroup.controllers \
      memory.stat $(find * -name many -prune -o -type d -exec echo {}/cgroup.controllers {}/memory.stat ';') )
}

# capture_fixture DESTINATION PID...: one tree as the exporter's --path options expect it, with
# numa_maps of the processes named.
capture_fixture() {
  tree=$1; shift
  copy_files "$tree" $counter_files $setting_files $node_files
  for pid in "$@"; do
    copy_files "$tree" "/proc/$pid/numa_maps" "/proc/$pid/comm"
  done
  copy_cgroups "$tree/cgroup"
  ( cd /sys/kernel/tracing && copy_files "$tree/tracing" \
      events/migrate/mm_migrate_pages/format events/migrate/mm_migrate_pages_start/format )
}
