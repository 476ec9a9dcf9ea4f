# The exporter in the guest, as released, on its own address. A guest without one only shows what
# the kernel does.

exporter_address=127.0.0.1:10057

start_exporter() {
  [ -x /bin/page-migration-exporter ] || return 0
  page-migration-exporter --web.listen-address="$exporter_address" $(cat /etc/exporter-flags) \
    > /results/exporter.log 2>&1 &
  tries=0
  until wget -q -O /dev/null "http://$exporter_address/-/ready"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo "guest: no exporter"; cat /results/exporter.log; return 1; }
    usleep 100000
  done
}

# scrape FILE: one exposition, over HTTP as Prometheus gets it.
scrape() {
  [ -x /bin/page-migration-exporter ] || return 0
  wget -q -O "$1" "http://$exporter_address/metrics" || echo "scrape failed" >> "$here/failed"
}
