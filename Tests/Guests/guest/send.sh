# Sends /results as one line "results BYTES SHA256" and a tar archive of so many bytes. The virtio
# port loses nothing, as a serial console may; the host checks length and sum all the same.

tar -C /results -cf /tmp/results.tar .
bytes=$(stat -c %s /tmp/results.tar)
sum=$(sha256sum /tmp/results.tar)
for port in /sys/class/virtio-ports/*; do
  [ "$(cat "$port/name")" = results ] || continue
  { echo "results $bytes ${sum%% *}"; cat /tmp/results.tar; } > "/dev/${port##*/}"
  echo "guest: sent $bytes bytes"
done
