"""What the runs of all kinds of guests share: their options, a boot, and the rows that they print."""

import argparse
import contextlib
import tempfile
from pathlib import Path

import initramfs
import kernels
import machine
from harness import EXPORTER, ROOT

CACHE = ROOT / ".cache/guests"


def parser(name, description, series=(), has_exporter=True):
    """With what most runs can be told; `series` are the kernels that are booted where none is named."""
    parser = argparse.ArgumentParser(prog=f"Tests/Guests/{name}", description=description)
    if series:
        parser.add_argument("--kernel", action="append", choices=list(kernels.SUITES),
                            help=f"only this one (repeatable; default: {', '.join(series)})")
    if has_exporter:
        parser.add_argument("--exporter", type=Path, default=EXPORTER, help="the program under test (default: .build/release/…)")
    parser.add_argument("--cache", type=Path, default=CACHE, help="where kernels are kept (default: .cache/guests)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep what the guests reported, with their consoles")
    return parser


@contextlib.contextmanager
def booted(shape, kernel, steps, program, keep=None, **more):
    """The folder of what a guest reported that has done these steps: kept in one of its own in `keep`, else gone at the end."""
    with contextlib.ExitStack() as stack:
        if keep:
            folder = keep / f"{kernel.series}-{shape.name}"
            folder.mkdir(parents=True, exist_ok=True)
        else:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guest-")))
        archive = folder / "initramfs"
        initramfs.build(archive, kernel, steps, program, **more)
        machine.run(shape, kernel, archive, folder)
        archive.unlink()
        yield folder


def print_rows(kernel, rows):
    """Of (step, what, wanted, found, whether it holds). Returns how many do not."""
    rows = list(rows)
    for step, what, wanted, found, holds in rows:
        print(f"{kernel.short_release:10} {step:20} {what:36} {wanted!s:>12} {found!s:>12}  {'ok' if holds else 'DIFFERS'}")
    return sum(not row[-1] for row in rows)


def said(folder, name):
    """What a step left in a file, where it did."""
    file = folder / name
    return file.read_text().strip() if file.exists() else ""
