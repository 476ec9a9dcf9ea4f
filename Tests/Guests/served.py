"""A guest whose exporter is asked from this machine: by a browser, watch, curl or Prometheus."""

from dataclasses import replace

import guests

ADDRESS = "10.0.2.15"  # As QEMU's own network has it.


def exporter(kernel, name, *flags):
    """Shell: the guest gets a network and a name, and its exporter serves there, with these flags."""
    loading = "".join(f"insmod /modules/{module.name}\n" for module in kernel.modules("network"))
    return f"""
{loading}ifconfig eth0 {ADDRESS} up
kill $(pidof page-migration-exporter)
echo {name} > /proc/sys/kernel/hostname
page-migration-exporter --web.listen-address={ADDRESS}:10057 {" ".join(flags)} > /dev/console 2>&1 &"""


def serve(shape, kernel, step, program, options, what_then, more_modules=(), more_programs=()):
    """One step, until it is interrupted or the guest's time is over. The exporter is at a port of this machine."""
    network = ("-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{options.serve}-{ADDRESS}:10057",
               "-device", "virtio-net-pci,netdev=net")
    print(f"http://127.0.0.1:{options.serve}/ in some seconds; {what_then}", flush=True)
    with guests.booted(replace(shape, options=(*shape.options, *network)), kernel, [step], program, options.keep,
                       exporter=options.exporter, more_modules=[*more_modules, *kernel.modules("network")],
                       more_programs=more_programs):
        pass
