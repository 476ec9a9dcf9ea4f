"""Running servers, the exporter above all: started on the loopback, asked, measured, and ended with their block."""

import contextlib
import http.client
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

from harness import EXPORTER
from harness.waiting import wait_for


class Server:
    """A program that serves HTTP on 127.0.0.1. Its output is kept in a file, so that nothing waits for a reader.

    `port` is the one that it was told; without one it is read from the log.
    """

    headers = {}

    def __init__(self, *argv, name=None, port=None, path="/metrics", first=False):
        self.argv, self.name, self.path, self.first = [str(part) for part in argv], name or Path(argv[0]).name, path, first
        self.port = port
        self.start()

    def start(self):
        self._log = tempfile.NamedTemporaryFile(prefix="server-log-")
        self.process = subprocess.Popen(
            self.argv, stdout=self._log, stderr=self._log, preexec_fn=go_first if self.first else None)
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def wait_until_ready(self):
        """The port is known, and there is an answer."""
        self.port = self.port or self.wait_for_log(r'address="?[^\s"]*:([1-9]\d*)"?\s*$')
        wait_for(f"{self.name} to answer", self._answers, 30, pause=0.0002)
        self.answered = time.monotonic()

    def wait_for_log(self, pattern, seconds=60):
        def question():
            if found := re.search(pattern, self.log, re.M):
                return found[1]
            self._check_that_it_runs()
        return wait_for(f"{pattern} in the log of {self.name}", question, seconds, pause=0.002)

    def _answers(self):
        self._check_that_it_runs()
        with contextlib.suppress(RuntimeError, http.client.HTTPException):
            return self.get()

    def _check_that_it_runs(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended with {self.process.returncode}:\n{self.log}")

    @property
    def log(self):
        return Path(self._log.name).read_text(errors="replace")

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"http://{self.address}{self.path}"

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", int(self.port), timeout=30)

    def get(self, path=None, headers=None):
        """The body of one answer, as text where it is not compressed. An error where it is not 200."""
        with contextlib.closing(self.connect()) as connection:
            return self.ask(connection, path, headers)

    def ask(self, connection, path=None, headers=None):
        connection.request("GET", path or self.path, headers=self.headers | (headers or {}))
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 or not body:
            raise RuntimeError(f"{self.name}: {answer.status}, {body[:200]!r}")
        return body if answer.getheader("Content-Encoding") else body.decode()

    def cpu_seconds(self):
        """CPU time that all its threads have used, user and system (clock_getcpuclockid(3))."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory(self):
        """Kilobytes: all that is resident, and what of it is anonymous."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return tuple(int(re.search(rf"^{key}:\s+(\d+) kB", text, re.M)[1]) for key in ("VmRSS", "RssAnon"))

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Exporter(Server):
    """The built program, serving on a free port; started again it is on the same one."""

    program = EXPORTER

    def __init__(self, *flags, program=None, wrapper=(), name=None, query="", first=False):
        self.flags = flags
        self.command = [*wrapper, program or type(self).program, "serve"]
        super().__init__(*self.command, name=name or "this exporter", path="/metrics" + query, first=first)

    def start(self):
        self.argv = [str(part) for part in
                     (*self.command, f"--web.listen-address=127.0.0.1:{self.port or 0}", *self.flags)]
        super().start()

    def wait_until_ready(self):
        self.port = self.wait_for_log(r"msg=listening address=\S+:(\d+)")
        self.wait_for_log(r"(msg=ready)")

    @property
    def page(self):
        return f"http://{self.address}/"


def go_first():
    """Real-time scheduling for this process and those it starts, as root: before the machine's other work, which would
    cost scrapes at a 1 s interval, and say nothing of the exporter."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:  # Some containers forbid it.
        pass
