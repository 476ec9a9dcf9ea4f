"""Runs in the guest: what the package and its units must do under a real systemd."""

import base64
import http.client
import os
import re
import shutil
import signal
import socket
import threading
import time
from pathlib import Path

from harness import NAME, commands
from harness.exposition import parse
from harness.migrations import vmstat
from harness.report import Report
from harness.waiting import wait_for

SERVICE, SOCKET = f"{NAME}.service", f"{NAME}.socket"
PORT = 10057
UNITS = Path("/etc/systemd/system")
DROP_INS = UNITS / f"{SERVICE}.d"
EXAMPLES = Path(f"/usr/share/doc/{NAME}/examples")
FAMILIES = {socket.AF_INET, socket.AF_INET6, socket.AF_UNIX}


def run(*command, **options):
    return commands.run(*command, **options).stdout


def journal(*options):
    return run("journalctl", "--no-pager", "-u", SERVICE, *options)


def property_of(name, unit=SERVICE):
    return run("systemctl", "show", "--value", "-p", name, unit).strip()


def main_pid():
    return int(property_of("MainPID"))


def systemd_version():
    return int(run("systemctl", "--version").split()[1])


def restart(options="", **drop_ins):
    """With these flags and these drop-ins, and no others."""
    if "--web.systemd-socket" not in options:
        run("systemctl", "stop", SOCKET)
    Path(f"/etc/default/{NAME}").write_text(f'OPTIONS="{options}"\n')
    if DROP_INS.exists():
        for file in DROP_INS.iterdir():
            file.unlink()
    DROP_INS.mkdir(exist_ok=True)
    for name, text in drop_ins.items():
        (DROP_INS / f"{name}.conf").write_text(text)
    run("systemctl", "daemon-reload")
    run("systemctl", "reset-failed")
    run("systemctl", "restart", SERVICE)


def example(name):
    """A drop-in as the package has it."""
    return (EXAMPLES / f"{name}.conf.example").read_text()


def get(path, connected=None, headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=20)
    if connected:
        connection.sock = connected
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def scrape(connected=None):
    """{metric: value}, and what has labels by its name and their values."""
    status, text = get("/metrics", connected)
    assert status == 200, text
    return {" ".join([name, *(value for _, value in sorted(labels))]): value for (name, labels), value in parse(text).items()}


def status_of(pid):
    return dict(re.findall(r"^(\w+):\t(.*)$", Path(f"/proc/{pid}/status").read_text(), re.M))


def is_answered():
    try:
        return get("/-/ready")[0] == 200
    except OSError:
        return False


# What must hold, in this order.

def the_package_has_started_the_service_which_has_said_that_it_is_ready():
    wait_for("it to be active", lambda: property_of("ActiveState") == "active")
    assert property_of("Type") == "notify"
    assert property_of("StatusText") == f"serving on [::]:{PORT}", property_of("StatusText")
    assert property_of("WatchdogUSec") == "30s"


def it_serves_this_kernels_counters():
    before = vmstat()["pgmigrate_success"]
    shown = int(scrape()["pagemigration_pages_migrated_total"])
    assert before <= shown <= vmstat()["pgmigrate_success"]


def it_is_a_user_of_its_own_without_any_capability():
    status = status_of(main_pid())
    assert int(status["Uid"].split()[0]) >= 61184, status["Uid"]  # systemd's range of dynamic users
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
        assert int(status[name], 16) == 0, status[name]
    assert status["NoNewPrivs"] == "1" and status["Seccomp"] == "2"


def it_starts_again_after_a_crash():
    before = main_pid()
    os.kill(before, signal.SIGSEGV)
    wait_for("another to serve", lambda: main_pid() not in (0, before) and is_answered())
    assert property_of("NRestarts") == "1"


def a_reload_keeps_the_process():
    before = main_pid()
    run("systemctl", "reload", SERVICE)
    wait_for("it to be active", lambda: property_of("ActiveState") == "active")
    assert main_pid() == before and is_answered()
    assert property_of("StatusText") == f"serving on [::]:{PORT}"


def where_systemd_knows_it_a_reload_is_awaited():
    if systemd_version() < 253:
        return f"systemd {systemd_version()} has no notify-reload"
    restart(reload=example("notify-reload"))
    assert property_of("Type") == "notify-reload"
    before = main_pid()
    run("systemctl", "reload", SERVICE)
    assert property_of("ActiveState") == "active" and main_pid() == before and is_answered()


def the_watchdog_starts_a_stopped_process_again():
    restart(watchdog="[Service]\nWatchdogSec=12s\n")
    before = main_pid()
    time.sleep(14)
    assert main_pid() == before, "it was restarted though all was well"
    os.kill(before, signal.SIGSTOP)
    wait_for("another to serve", lambda: main_pid() not in (0, before) and is_answered())
    wait_for("the watchdog in the journal", lambda: "Watchdog timeout" in journal())


def by_socket_activation_no_connection_is_lost_while_it_restarts():
    (UNITS / f"{SOCKET}.d").mkdir()
    vsock = f"ListenStream=vsock::{PORT}\n" if has_vsock() else ""
    (UNITS / f"{SOCKET}.d/more.conf").write_text(f"[Socket]\nRemoveOnStop=yes\nListenStream=/run/{NAME}.sock\n{vsock}")
    run("systemctl", "stop", SERVICE)
    run("systemctl", "daemon-reload")
    run("systemctl", "start", SOCKET)
    restart("--web.systemd-socket")
    addresses = [f"[::]:{PORT}", f"unix:/run/{NAME}.sock"] + ([f"vsock://:{PORT}"] if vsock else [])
    assert property_of("StatusText") == f"serving on {', '.join(addresses)}", property_of("StatusText")
    answers, failures, is_over = [], [], threading.Event()

    def ask():
        while not is_over.is_set():
            try:
                answers.append(get("/metrics?collect[]=vmstat")[0])
            except (OSError, http.client.HTTPException) as error:
                failures.append(repr(error))

    clients = [threading.Thread(target=ask) for _ in range(3)]
    for client in clients:
        client.start()
    pids = set()
    for _ in range(3):
        pids.add(main_pid())
        run("systemctl", "restart", SERVICE)
    before = main_pid()
    os.kill(before, signal.SIGTERM)
    wait_for("another to serve", lambda: main_pid() not in (0, before))
    count = len(answers)
    wait_for("more scrapes", lambda: len(answers) > count + 20)
    is_over.set()
    for client in clients:
        client.join()
    assert not failures and set(answers) == {200}, (failures, set(answers))
    unix = socket.socket(socket.AF_UNIX)
    unix.connect(f"/run/{NAME}.sock")
    scrape(unix)
    if vsock:
        scrape(to_own_vsock())
    run("systemctl", "stop", SOCKET, SERVICE)
    return f"{len(answers)} scrapes over 4 restarts, {len(addresses)} sockets"


def has_vsock():
    """Whether this kernel connects to its own number."""
    try:
        with socket.socket(socket.AF_VSOCK) as listener, socket.socket(socket.AF_VSOCK) as client:
            listener.bind((socket.VMADDR_CID_ANY, PORT + 1))
            listener.listen()
            client.settimeout(5)
            client.connect((1, PORT + 1))
            return True
    except OSError:
        return False


def to_own_vsock():
    """By the loopback's number."""
    connected = socket.socket(socket.AF_VSOCK)
    connected.settimeout(20)
    connected.connect((1, PORT))
    return connected


def it_listens_on_vsock_with_limits_by_machine():
    if not has_vsock():
        return "this kernel has no vsock to itself"
    restart(f"--web.listen-address=vsock://:{PORT} --web.listen-address=127.0.0.1:{PORT} --web.max-connections-per-address=2",
            vsock=example("vsock"))
    assert property_of("StatusText") == f"serving on vsock://:{PORT}, 127.0.0.1:{PORT}"
    assert scrape(to_own_vsock())["pagemigration_page_size_bytes"] == "4096"
    first, _second, third = to_own_vsock(), to_own_vsock(), to_own_vsock()
    scrape(third)
    assert first.recv(1) == b"", "the oldest has to make room for the third"
    assert is_answered(), "another address is not concerned"


def reasons_are_counted_by_a_user_with_three_capabilities_that_are_gone_then():
    restart("--collector.reasons", reasons=example("reasons"))
    status = status_of(main_pid())
    assert int(status["Uid"].split()[0]) >= 61184
    assert {int(status[name], 16) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")} == {0}, status
    name = "pagemigration_reason_pages_migrated_total syscall_or_cpuset"
    before = scrape()
    assert name in before, journal()
    run("/guest/workload", "move-base", "1000", input="\n")
    after = scrape()
    assert int(after[name]) == int(before[name]) + 1000, (before[name], after[name])
    assert exposure() <= 2.0
    return f"exposure {exposure()}"


def exposure():
    return float(re.search(r"exposure level for \S+: ([\d.]+)", run("systemd-analyze", "security", "--no-pager", SERVICE))[1])


def passwords_are_read_by_a_group_and_taken_up_at_a_reload():
    folder = Path(f"/etc/{NAME}")
    folder.mkdir()
    file = folder / "web.yml"

    def write(bcrypt):
        file.write_text(f"basic_auth_users:\n  prometheus: {bcrypt}\n")
        for path, mode in ((folder, 0o750), (file, 0o640)):
            shutil.chown(path, "root", "adm")
            path.chmod(mode)

    try:
        # Of the hashes that everybody tests bcrypt with: of U*U and of U*U*.
        write("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")
        restart(f"--web.config.file={file}", group=example("web-config").replace("ssl-cert", "adm"))
        assert [status_with(None), status_with("U*U*"), status_with("U*U")] == [401, 401, 200]
        before = main_pid()
        write("$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK")
        run("systemctl", "reload", SERVICE)
        wait_for("the new password", lambda: status_with("U*U*") == 200)
        assert status_with("U*U") == 401 and main_pid() == before
    finally:
        shutil.rmtree(folder)


def status_with(password):
    login = base64.b64encode(f"prometheus:{password}".encode()).decode()
    return get("/metrics", headers={"Authorization": f"Basic {login}"} if password else {})[0]


def nothing_more_is_exposed_than_is_said():
    restart()
    assert exposure() <= 1.2
    return f"exposure {exposure()}"


def in_its_sandbox():
    """What sandbox.c says from within the service's own sandbox."""
    unit = Path(f"/lib/systemd/system/{SERVICE}").read_text()
    unit = re.sub(r"^(Type|EnvironmentFile|ExecStart|ExecReload|Restart|RestartSec|WatchdogSec)=.*\n", "", unit, flags=re.M)
    unit = unit.replace("[Service]", "[Service]\nType=oneshot\nExecStart=/guest/sandbox\nStandardOutput=file:/results/sandbox")
    (UNITS / "sandbox.service").write_text(unit)
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "sandbox.service")
    text = Path("/results/sandbox").read_text()
    assert text.endswith("done\n"), text[-300:]
    return set(re.findall(r"^allowed (.*)$", text, re.M))


def the_sandbox_forbids_what_it_should():
    allowed = in_its_sandbox()
    writes = {name for name in allowed if name.startswith("write ")}
    sockets = {int(name.split()[1]) for name in allowed if name.startswith("socket ")}
    # Since 254 systemd gives each service its own cgroup's file to watch for pressure.
    writes = {name for name in writes if not name.endswith("/sandbox.service/memory.pressure")}
    assert not writes, writes
    assert sockets == FAMILIES, sockets
    rest = {name for name in allowed if not name.startswith(("write ", "socket "))}
    assert not rest, rest
    # Outside, the same attempts succeed: it is the sandbox that forbids them.
    free = set(re.findall(r"^allowed (.*)$", run("/guest/sandbox", "/var"), re.M))
    wanted = {"ptrace itself", "ptrace its parent", "mount", "namespace", "writable code", "bpf", "chroot", "write /var/tmp"}
    assert wanted <= free, wanted - free
    assert {int(name.split()[1]) for name in free if name.startswith("socket ")} >= FAMILIES | {socket.AF_NETLINK, socket.AF_PACKET}
    return f"{len(free)} attempts of root succeed outside, none of these inside but sockets of {len(sockets)} families"


def the_textfile_timer_writes_for_node_exporter():
    folder = Path("/var/lib/prometheus/node-exporter")
    folder.mkdir(parents=True)
    run("systemctl", "start", f"{NAME}-textfile.timer")
    file = folder / "page-migration.prom"
    wait_for("it to be written", file.exists)
    first = file.stat().st_mtime_ns
    wait_for("it to be written again", lambda: file.stat().st_mtime_ns != first, 90)
    assert "pagemigration_pages_migrated_total" in file.read_text()
    assert property_of("Result", f"{NAME}-textfile.service") == "success"
    assert [entry.name for entry in folder.iterdir()] == [file.name]
    run("systemctl", "stop", f"{NAME}-textfile.timer")


def an_upgrade_restarts_it_and_keeps_what_was_changed():
    restart("--log.level=warn")
    before = main_pid()
    run("dpkg", "--force-confold", "-i", "/guest/package.deb")
    wait_for("another to serve", lambda: main_pid() not in (0, before) and is_answered())
    assert Path(f"/etc/default/{NAME}").read_text() == 'OPTIONS="--log.level=warn"\n'


def removal_stops_it_and_purging_leaves_nothing():
    restart()
    run("dpkg", "-r", NAME)
    assert property_of("ActiveState") in ("inactive", "failed") and not is_answered()
    run("dpkg", "-P", NAME)
    left = [path for top in ("/etc", "/usr", "/lib", "/var/lib", "/run", "/var/cache", "/var/log") for path in Path(top).rglob(f"*{NAME}*")]
    ours = (DROP_INS, UNITS / f"{SOCKET}.d")  # this test's own
    left = [path for path in left if not any(path == mine or mine in path.parents for mine in ours)]
    assert not left, left


def the_commands_of_the_documents_work_as_they_are_written():
    """First those of the package; then, without it, those of the tarball."""
    for folder in (DROP_INS, UNITS / f"{SOCKET}.d"):
        shutil.rmtree(folder, ignore_errors=True)
    commands = Path("/guest/commands").read_text().splitlines()
    commands.sort(key=lambda text: 0 if text.startswith("apt ") else 2 if text.startswith(("tar ", "install ", "cp ")) else 1)
    first_of_tarball = next(text for text in commands if text.startswith("tar "))
    for text in commands:
        if text == first_of_tarball:
            run("dpkg", "-P", NAME)
            run("systemctl", "daemon-reload")
        # journalctl -g fails where it finds nothing.
        run("bash", "-c", text, cwd="/guest/checkout", check=" -g " not in text)
        if text.startswith("apt "):
            wait_for("it to serve", is_answered)
    wait_for("it to serve", is_answered)
    assert property_of("FragmentPath") == f"/etc/systemd/system/{SERVICE}", property_of("FragmentPath")
    return f"{len(commands)} of them"


CASES = [
    the_package_has_started_the_service_which_has_said_that_it_is_ready, it_serves_this_kernels_counters,
    it_is_a_user_of_its_own_without_any_capability, it_starts_again_after_a_crash, a_reload_keeps_the_process,
    where_systemd_knows_it_a_reload_is_awaited, the_watchdog_starts_a_stopped_process_again,
    by_socket_activation_no_connection_is_lost_while_it_restarts, it_listens_on_vsock_with_limits_by_machine,
    reasons_are_counted_by_a_user_with_three_capabilities_that_are_gone_then,
    passwords_are_read_by_a_group_and_taken_up_at_a_reload, nothing_more_is_exposed_than_is_said,
    the_sandbox_forbids_what_it_should, the_textfile_timer_writes_for_node_exporter,
    an_upgrade_restarts_it_and_keeps_what_was_changed, removal_stops_it_and_purging_leaves_nothing,
    the_commands_of_the_documents_work_as_they_are_written,
]  # fmt: skip


print(f"{len(CASES)} cases, systemd {systemd_version()}, Linux {os.uname().release}")
report = Report()
for case in CASES:
    report.run(case, after_failure=lambda: [journal("-n", "20")])
report.finish()
