"""A guest whose exporter is asked from this machine: by a browser, watch, curl or Prometheus."""

from dataclasses import replace

ADDRESS = "10.0.2.15"  # As QEMU's own network has it.


def exporter(kernel, name, *flags):
    """Shell: the guest gets a network and a name, and its exporter serves there, with these flags."""
    loading = "".join(f"insmod /modules/{module.name}\n" for module in kernel.network_modules)
    return f"""
{loading}ifconfig eth0 {ADDRESS} up
kill $(pidof page-migration-exporter)
echo {name} > /proc/sys/kernel/hostname
page-migration-exporter --web.listen-address={ADDRESS}:10057 {" ".join(flags)} > /dev/console 2>&1 &"""


def reachable(shape, port):
    """The machine with its exporter at 127.0.0.1:`port` of this one."""
    network = ("-netdev", f"user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:{port}-{ADDRESS}:10057",
               "-device", "virtio-net-pci,netdev=net")
    return replace(shape, options=(*shape.options, *network))
