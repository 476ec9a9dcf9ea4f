"""The programs that are measured: how each is started."""

import ctypes.util
import tempfile
import time
from pathlib import Path

from harness import ROOT
from harness.commands import run
from harness.packages import install
from harness.servers import Server
from harness.waiting import free_port

HERE = Path(__file__).resolve().parent.parent

# What our `vmstat` collector takes of /proc/vmstat, for exporters that want to be told.
FIELDS = (
    "^(pgmigrate_|thp_migration_|numa_|pgpromote_|pgdemote_|compact_|balloon_migrate|cma_alloc_"
    "|nr_foll_pin_|nr_isolated_)"
)


def reference(size, *files, name="C reference"):
    """The C program of this folder, built where it is out of date."""
    source, binary = HERE / "reference/reference.c", ROOT / ".build/benchmark-reference"
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        run("cc", "-O2", "-Wall", "-Wextra", "-o", binary, source, "-lmicrohttpd")
    port = free_port()
    return Server(binary, port, size, *files, name=name, port=port)


NODE_EXPORTER = [
    "prometheus-node-exporter", "--collector.disable-defaults", "--collector.vmstat",
    f"--collector.vmstat.fields={FIELDS}", "--web.disable-exporter-metrics",
]  # fmt: skip


def node_exporter(*flags, server=Server):
    port = free_port()
    argv = [*NODE_EXPORTER, f"--web.listen-address=127.0.0.1:{port}", "--log.level=error", *flags]
    return server(*argv, name="node_exporter", port=port)


def collectd():
    """Its write_prometheus plugin serves through libmicrohttpd, too, what it read once a second."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="benchmark-collectd-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "collectd.conf"
        file.write_text(
            f'BaseDir "{folder}"\nPIDFile "{folder}/pid"\nInterval 1\nTypesDB "/usr/share/collectd/types.db"\n'
            "LoadPlugin vmem\n<Plugin vmem>\n  Verbose true\n</Plugin>\n"
            f'LoadPlugin write_prometheus\n<Plugin write_prometheus>\n  Host "127.0.0.1"\n  Port "{port}"\n</Plugin>\n')
        program = Server("/usr/sbin/collectd", "-f", "-C", file, name="collectd", port=port)
        time.sleep(2)  # The values of the first second.
    return program


def version_of(*command):
    output = run(*command)
    return (output.stdout + output.stderr).strip().splitlines()[0]


def need(*packages):
    install(*packages)
    # What collectd's plugin links is only recommended by its package.
    if ctypes.util.find_library("protobuf-c") is None:
        install("libprotobuf-c1")
