# Runs the steps of /steps. Each is a folder NN-name with up to three shell files: `prepare`, `act`
# and `clean`. What `act` does lies between the snapshots `before` and `after`.

run_steps() {
  for step in /steps/*; do
    name=${step##*/}
    here=/results/$name
    mkdir -p "$here"
    read -r uptime idle < /proc/uptime
    echo "guest: $uptime $name"
    run_part prepare
    snapshot "$here/before"
    start_trace
    run_part act
    sum_trace "$here/trace"
    snapshot "$here/after"
    run_part clean
  done
}

run_part() {
  [ -f "$step/$1" ] || return 0
  . "$step/$1" >> "$here/log" 2>&1 || echo "$1 ended with $?" >> "$here/failed"
}

# snapshot FOLDER: the kernel's counters, what the exporter makes of them, and the kernel's again:
# where both of the kernel's agree, the exporter's must be the same.
snapshot() {
  echo 1 > /proc/sys/vm/stat_refresh  # node counters lag by up to a second otherwise
  copy_files "$1/first" $counter_files
  copy_cgroups "$1/first/cgroup"
  scrape "$1/metrics"
  copy_files "$1/second" $counter_files
  copy_cgroups "$1/second/cgroup"
  copy_files "$1/second" $setting_files $node_files
}

# start NAME COUNT: the workload program, up to where it says that it is ready.
start() {
  rm -f /tmp/go; mkfifo /tmp/go
  workload "$1" "$2" < /tmp/go > "$here/said" 2>&1 &
  started=$!
  exec 9> /tmp/go
  until grep -q '^ready' "$here/said"; do
    kill -0 $started 2>/dev/null || { cat "$here/said"; return 1; }
    usleep 20000
  done
}

# go: lets it run and waits for its end.
go() {
  echo >&9
  exec 9>&-
  wait $started
}
