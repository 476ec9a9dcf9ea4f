# Runs the steps of /steps. Each is a folder NN-name with up to three shell files: `prepare`, `act`
# and `clean`. What `act` does lies between the snapshots `before` and `after`.

run_steps() {
  for step in /steps/*; do
    name=${step##*/}
    here=/results/$name
    mkdir -p "$here"
    echo "guest: $name"
    run_part prepare
    snapshot "$here/before"
    run_part act
    snapshot "$here/after"
    run_part clean
  done
}

run_part() {
  [ -f "$step/$1" ] || return 0
  . "$step/$1" >> "$here/log" 2>&1 || echo "$1 ended with $?" >> "$here/failed"
}

snapshot() { copy_files "$1" $counter_files; }

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
