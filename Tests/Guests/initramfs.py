"""The file system a guest boots into: busybox, the workload program, the exporter, the steps."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from harness.commands import run

HERE = Path(__file__).parent
BUSYBOX = Path("/bin/busybox")
# The program that keeps pages from being moved.
CAUSES = ["causes/causes.c", "causes/disk.c", "causes/touched.c", "workload/memory.c"]
FOLDERS = ["bin", "dev", "proc", "sys", "tmp", "etc", "modules", "steps", "guest"]


def compiled(program, *sources):
    """A program of sources in this folder, linked statically so that it runs beside any libc or none."""
    program.parent.mkdir(parents=True, exist_ok=True)
    run("gcc", "-std=gnu17", "-O2", "-static", "-Wall", "-Wextra", "-Werror",
        "-o", program, *(HERE / source for source in sources))
    return program


def build_workload(cache):
    return compiled(cache / "workload", *sorted((HERE / "workload").glob("*.c")))


def build(archive, kernel, steps, workload, exporter=None, exporter_flags=(), more_modules=(), more_programs=()):
    """Writes `archive`: a cpio archive as the kernel unpacks it. Of `more_modules`, steps load what they need;
    `more_programs` are of this machine."""
    root = archive.with_suffix(".root")
    shutil.rmtree(root, ignore_errors=True)
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True)
    shutil.copy(BUSYBOX, root / "bin/busybox")
    shutil.copy(workload, root / "bin/workload")
    shutil.copytree(HERE / "guest", root / "guest", dirs_exist_ok=True)
    os.rename(root / "guest/init", root / "init")
    add_modules(root, kernel.modules("every guest"))
    for module in more_modules:
        shutil.copy(module, root / "modules")
    _add_steps(root, steps)
    for program in more_programs:
        _add_program(root, program, Path(program).name)
    if exporter:
        _add_program(root, exporter, "page-migration-exporter")
        (root / "etc/exporter-flags").write_text(" ".join(exporter_flags) + "\n")
    pack(root, archive)
    shutil.rmtree(root)


def add_modules(root, modules):
    """To be loaded in this order."""
    for module in modules:
        shutil.copy(module, root / "modules")
    (root / "modules/order").write_text("".join(f"{module.name}\n" for module in modules))


def _add_steps(root, steps):
    for number, step in enumerate(steps):
        folder = root / "steps" / f"{number:02}-{step.name}"
        folder.mkdir()
        for part in ("prepare", "act", "clean"):
            if commands := getattr(step, part):
                (folder / part).write_text(commands + "\n")


def _add_program(root, program, name):
    """A program as it is, with every shared library the loader would give it here."""
    shutil.copy(program, root / "bin" / name)
    for library in re.findall(r"(/\S+) \(0x", run("ldd", program).stdout):
        target = root / library.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)


def pack(root, archive):
    names = "\0".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    with open(archive, "wb") as output:
        subprocess.run(["cpio", "--create", "--format=newc", "--null", "--quiet", "--owner=0:0"],
                       input=names.encode(), stdout=output, cwd=root, check=True)
