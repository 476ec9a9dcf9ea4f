# All that a guest does: runs every step of /steps in order, sends /results out over the virtio port
# named "results", switches the machine off.

. /guest/quiet.sh
. /guest/snapshot.sh
. /guest/exporter.sh
. /guest/trace.sh
. /guest/steps.sh
mkdir /results
start_exporter && run_steps

. /guest/send.sh
sync
poweroff -f
