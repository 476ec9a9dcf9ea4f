"""Compose, Grafana provisioning and the image: that the files agree with each other and with what is in the tree."""

import re
import shutil
import tempfile
from pathlib import Path

import files

COMPOSE = files.DEPLOY / "compose/compose.yml"


def check(report):
    compose = files.loaded(COMPOSE)
    report.check("compose: every mounted file is in the tree", unmounted(compose))
    report.check("compose: ports on loopback, images of a fixed version", loose(compose))
    report.check("compose: Grafana finds its dashboards", lost_dashboards(compose))
    report.check("compose: Prometheus finds its rules", lost_rules(compose))
    if command := compose_command():
        report.check("compose: docker compose reads it", files.problems_of(*command, "-f", COMPOSE, "config", "-q"))
    else:
        print("        docker compose is not installed; the file was read as YAML only")
    report.check("the image installs the libraries that the program needs, and no other", libraries())
    report.check("Grafana's scrape interval is Prometheus's", intervals())
    # (They run in Tests/Guests/systemd.)
    for drop_in, limit in ((None, 1.2), ("reasons.conf.example", 2.0)):
        report.check(f"systemd: the unit{' with ' + drop_in if drop_in else ''} is valid and hardened", unit(drop_in, limit))
    report.check("the Kubernetes scrape configuration selects what is scraped", kubernetes())


def compose_command():
    if shutil.which("docker") and files.run("docker", "compose", "version")[0] == 0:
        return "docker", "compose"
    return ("docker-compose",) if shutil.which("docker-compose") else None


def mounts(compose, service):
    """{path in the container: path in the tree} of the bind mounts."""
    found = (volume.split(":") for volume in compose["services"][service].get("volumes", []))
    return {inside: (COMPOSE.parent / outside).resolve() for outside, inside, *_ in found if outside.startswith(".")}


def unmounted(compose):
    for service in compose["services"]:
        yield from (str(path) for path in mounts(compose, service).values() if not path.exists())
    build = compose["services"]["exporter"]["build"]
    context = (COMPOSE.parent / build["context"]).resolve()
    if context != files.ROOT or not (context / build["dockerfile"]).is_file():
        yield f"{build} does not lead to the Dockerfile"


def loose(compose):
    for name, service in compose["services"].items():
        yield from (f"{name}: port {port}" for port in service.get("ports", []) if not port.startswith("127.0.0.1:"))
        if "image" in service and not re.search(r":v?\d+\.\d+\.\d+$", service["image"]):
            yield f"{name}: image {service['image']}"
        yield from (f"{name} needs {other}" for other in service.get("depends_on", [])
                    if other not in compose["services"])


def lost_dashboards(compose):
    provider = files.loaded(files.DEPLOY / "grafana/provisioning/dashboards/page-migration.yml")["providers"][0]
    inside = mounts(compose, "grafana")
    for name in files.BOARDS:
        if f"{provider['options']['path']}/{name}.json" not in inside:
            yield f"{name}.json is not mounted at {provider['options']['path']}"
    home = compose["services"]["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    if home not in inside:
        yield f"home dashboard {home}"


def lost_rules(compose):
    config = files.loaded(COMPOSE.parent / "prometheus.yml")
    inside = mounts(compose, "prometheus")
    yield from (name for name in config["rule_files"] if f"/etc/prometheus/{name}" not in inside)
    exporter = config["scrape_configs"][0]["static_configs"][0]["targets"][0]
    if exporter.split(":")[0] not in compose["services"]:
        yield f"no service {exporter}"


def libraries():
    """To build what Package.swift names, to run what the program links and Debian's base image has not."""
    build, run = re.findall(r"--no-install-recommends \\\n\s+(.*?) \\\n", (files.DEPLOY / "docker/Dockerfile").read_text())
    wanted = {"pkg-config", *re.findall(r'\.apt\(\["([\w.+-]+)"\]\)', (files.ROOT / "Package.swift").read_text())}
    if set(build.split()) != wanted:
        yield f"it builds with {build}, and Package.swift names {' '.join(sorted(wanted))}"
    needed = re.findall(r"NEEDED.*\[(.*)\]", files.run("readelf", "-d", files.ROOT / ".build/release/page-migration-exporter")[1])
    owners = {files.run("dpkg", "-S", f"*/{library}")[1].split(":")[0] for library in needed}
    if set(run.split()) != owners - {"libc6", "libgcc-s1"}:
        yield f"it runs with {run}, and the program links {' '.join(sorted(owners))}"


def intervals():
    source = files.loaded(files.DEPLOY / "grafana/provisioning/datasources/prometheus.yml")["datasources"][0]
    for path in [*files.PROMETHEUS.glob("prometheus-*.yml"), COMPOSE.parent / "prometheus.yml"]:
        every = files.loaded(path)["global"]["scrape_interval"]
        if "federation" not in path.name and every != source["jsonData"]["timeInterval"]:
            yield f"{path.name}: {every}"


def unit(drop_in, limit):
    """`systemd-analyze` on a copy whose program exists; an exposure above the limit, of 10, is a failure."""
    source = files.DEPLOY / "systemd/page-migration-exporter.service"
    text = source.read_text()
    if re.search(r"^ProcSubset=pid", text, re.M):
        yield "ProcSubset=pid hides /proc/vmstat"
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / source.name
        copy.write_text(text.replace("/usr/bin/page-migration-exporter", "/bin/true"))
        if drop_in:
            (Path(folder) / f"{source.name}.d").mkdir()
            shutil.copy(source.with_name(f"{source.name}.d") / drop_in,
                        Path(folder) / f"{source.name}.d" / drop_in.removesuffix(".example"))
        # `man` pages of a program that is not installed are not this check's business.
        yield from files.problems_of("systemd-analyze", "verify", "--man=no", copy)
        _, output = files.run("systemd-analyze", "security", "--offline=true", copy)
        level = re.search(r"Overall exposure level.*: ([\d.]+)", output)
        if not level or float(level[1]) > limit:
            yield level[0] if level else output[-300:]


def kubernetes():
    """What promtool cannot say: Debian's is built without Kubernetes."""
    job = files.loaded(files.PROMETHEUS / "prometheus-kubernetes.yml")["scrape_configs"][0]
    discovery = job["kubernetes_sd_configs"][0]
    if discovery["role"] != "pod" or discovery["selectors"][0]["role"] != "pod":
        yield f"role {discovery['role']}"
    known = {"__meta_kubernetes_pod_container_port_name", "__meta_kubernetes_pod_node_name"}
    for relabel in job["relabel_configs"]:
        yield from (f"{label} is no label of a pod" for label in relabel["source_labels"] if label not in known)
