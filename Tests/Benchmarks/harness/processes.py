"""The programs that are measured: how each is started, asked and looked at."""

import ctypes.util
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent.parent

# What our `vmstat` collector takes of /proc/vmstat, for exporters that want to be told.
FIELDS = (
    "^(pgmigrate_|thp_migration_|numa_|pgpromote_|pgdemote_|compact_|balloon_migrate|cma_alloc_"
    "|nr_foll_pin_|nr_isolated_)"
)


class Program:
    """A running server. Leaving the `with` block ends it."""

    def __init__(self, name, argv, port=None, path="/metrics"):
        self.name, self.path = name, path
        self.process = subprocess.Popen(
            argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
        )
        self.port = port or self._port_from_log()
        self._wait_until_it_answers()
        self.answered = time.monotonic()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def get(self, headers=None):
        """The body of one scrape."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", self.path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200 or not body:
            raise RuntimeError(f"{self.name}: {answer.status}, {len(body)} bytes")
        return body

    def cpu_seconds(self):
        """CPU time that all its threads have used, user and system (clock_getcpuclockid(3))."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self):
        """Kilobytes: all that is resident, and what of it is anonymous."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return tuple(
            int(re.search(rf"^{key}:\s+(\d+) kB", text, re.M)[1]) for key in ("VmRSS", "RssAnon")
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stderr.close()

    def _port_from_log(self):
        log = ""
        for line in self.process.stderr:
            log += line.decode()
            if found := re.search(r'address="?\S*:([1-9]\d*)"?\s*$', log.strip().splitlines()[-1]):
                return int(found[1])
        raise RuntimeError(f"{self.name} did not say where it listens:\n{log}")

    def _wait_until_it_answers(self):
        patience = time.monotonic() + 30
        while time.monotonic() < patience:
            try:
                return self.get()
            except (OSError, RuntimeError, http.client.HTTPException):
                if self.process.poll() is not None:
                    raise RuntimeError(f"{self.name} ended with {self.process.returncode}")
                time.sleep(0.0002)
        raise RuntimeError(f"{self.name} does not answer at {self.url}")


def exporter_path():
    return ROOT / ".build/release/page-migration-exporter"


def exporter(*flags, name="page-migration-exporter", query="", wrapper=(), binary=None):
    argv = [*wrapper, binary or exporter_path(), "--web.listen-address=127.0.0.1:0", *flags]
    return Program(name, argv, path="/metrics" + query)


def reference(size, *files, name="C reference"):
    """The C program of this folder, built where it is out of date."""
    source, binary = HERE / "reference/reference.c", ROOT / ".build/benchmark-reference"
    if not binary.exists() or binary.stat().st_mtime < source.stat().st_mtime:
        command = ["cc", "-O2", "-Wall", "-Wextra", "-o", binary, source, "-lmicrohttpd"]
        subprocess.run(command, check=True)
    port = free_port()
    return Program(name, [binary, str(port), str(size), *files], port)


def node_exporter(port=None):
    port = port or free_port()
    argv = [
        "prometheus-node-exporter", "--collector.disable-defaults", "--collector.vmstat",
        f"--collector.vmstat.fields={FIELDS}", "--web.disable-exporter-metrics",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=error",
    ]  # fmt: skip
    return Program("node_exporter", argv, port)


def collectd():
    """Its write_prometheus plugin serves through libmicrohttpd, too, what it read once a second."""
    port = free_port()
    folder = Path(tempfile.mkdtemp(prefix="benchmark-collectd-"))
    (folder / "collectd.conf").write_text(
        f'BaseDir "{folder}"\nPIDFile "{folder}/pid"\nInterval 1\nTypesDB "/usr/share/collectd/types.db"\n'
        "LoadPlugin vmem\n<Plugin vmem>\n  Verbose true\n</Plugin>\n"
        f'LoadPlugin write_prometheus\n<Plugin write_prometheus>\n  Host "127.0.0.1"\n  Port "{port}"\n</Plugin>\n'
    )
    program = Program("collectd", ["/usr/sbin/collectd", "-f", "-C", folder / "collectd.conf"], port)
    time.sleep(2)  # The values of the first second.
    shutil.rmtree(folder, ignore_errors=True)
    return program


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def version_of(command):
    output = subprocess.run(command, capture_output=True, text=True)
    return (output.stdout + output.stderr).strip().splitlines()[0]


def need(packages):
    """Installs the Debian packages that a command is missing from: `{command: package}`."""
    search = os.environ.get("PATH", "") + ":/usr/sbin"
    missing = sorted({p for c, p in packages.items() if not shutil.which(c, path=search)})
    # What collectd's plugin links is only recommended by its package.
    if "collectd" in packages and ctypes.util.find_library("protobuf-c") is None:
        missing.append("libprotobuf-c1")
    if missing:
        print("installing through apt:", *missing)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["update"], ["install", "-y", "--no-install-recommends", *missing]):
            subprocess.run(["apt-get", "-qq", *command], check=True, stdout=subprocess.DEVNULL, env=environment)
