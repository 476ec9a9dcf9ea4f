"""TLS and a password, by the same web configuration, side by side with node_exporter."""

import http.client
import ssl
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from harness.commands import run
from harness.servers import Exporter, Server
from measures.load import alternate, median, ratio
from measures.processes import node_exporter

# bcrypt of "hunter2", at the usual cost.
HASH = "$2y$10$abcdefghijklmnopqrstuu7gIUFBKrYXdzQy8HrouzMJyZ4cijAb2"
LOGIN = {"Authorization": "Basic cHJvbWV0aGV1czpodW50ZXIy"}
CONNECTIONS = 200


class _Secured:
    """A server that is asked over TLS, with the password."""

    headers = LOGIN

    @property
    def url(self):
        return f"https://{self.address}{self.path}"

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", int(self.port), timeout=30, context=self.context)


class SecuredExporter(_Secured, Exporter):
    pass


class SecuredServer(_Secured, Server):
    pass


def web_config(folder):
    """A certificate of its own, and the file for both programs."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
        "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "server.key",
        "-out", folder / "server.crt")
    (folder / "web.yml").write_text(
        "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"
        f"basic_auth_users:\n  prometheus: {HASH}\n")
    return folder / "web.yml"


def tls(report, rounds, seconds, scrapes):
    with ExitStack() as running:
        start = running.enter_context
        folder = Path(start(tempfile.TemporaryDirectory(prefix="benchmark-tls-")))
        config = f"--web.config.file={web_config(folder)}"
        _Secured.context = ssl.create_default_context(cafile=folder / "server.crt")
        programs = [start(SecuredExporter(config, "--web.max-connections=1024")),
                    start(node_exporter(config, server=SecuredServer))]
        kept = alternate(programs, rounds, seconds, headers=LOGIN)
        shaken = {program.name: [_handshakes(program, scrapes) for _ in range(rounds)] for program in programs}
        report.section(
            "What do TLS and a password cost?",
            f"TLS 1.3 with an ECDSA certificate and one user, by the same file. Kept alive: wrk, 4 connections, {rounds} rounds "
            f"of {seconds} s in turn. With a handshake: {scrapes} scrapes a round, each on a connection of its own, one "
            f"after the other. Memory: with {CONNECTIONS} connections open that have been scraped once.")
        report.table(
            ["", "bytes", "requests/s, kept alive", "ratio", "CPU µs/scrape", "scrapes/s, handshake each", "CPU µs/scrape",
             f"RSS MiB, {CONNECTIONS} connections", "per connection KiB"],
            [[program.name, len(program.get()), f"{median(kept[program.name], 'per_second'):.0f}",
              f"{ratio(kept[program.name], kept[programs[0].name], 'per_second'):.2f}",
              f"{median(kept[program.name], 'cpu_us'):.0f}",
              f"{max(per_second for per_second, _ in shaken[program.name]):.0f}",
              f"{min(cpu for _, cpu in shaken[program.name]):.0f}", *_memory(program)] for program in programs])
        report.note(_growth(programs[0], scrapes * 10))


def _handshakes(program, scrapes):
    """Scrapes a second, and microseconds of the server's CPU time for each."""
    before, begin = program.cpu_seconds(), time.monotonic()
    for _ in range(scrapes):
        program.get()
    return scrapes / (time.monotonic() - begin), (program.cpu_seconds() - before) / scrapes * 1e6


def _memory(program):
    before = program.memory()[0]
    connections = [program.connect() for _ in range(CONNECTIONS)]
    for connection in connections:
        program.ask(connection)
    after = program.memory()[0]
    for connection in connections:
        connection.close()
    return f"{after / 1024:.1f}", f"{(after - before) / CONNECTIONS:.0f}"


def _growth(program, scrapes):
    """The second half of many handshakes must not add to the memory."""
    for _ in range(scrapes // 2):
        program.get()
    middle = program.memory()[0]
    for _ in range(scrapes // 2):
        program.get()
    return f"{scrapes} scrapes with a handshake each: {program.memory()[0] - middle:+} kB resident in the second half of them."
