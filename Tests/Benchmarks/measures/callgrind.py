"""Reads a profile of valgrind's callgrind: instructions and calls of each function."""

import functools
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import PurePath

from harness.commands import run


@dataclass(frozen=True)
class Function:
    binary: str
    """The last part of the path of the program or library that it is in."""
    name: str
    """As the linker knows it."""


@dataclass
class Profile:
    instructions: Counter = field(default_factory=Counter)
    """Of each function itself, without those that it calls."""
    calls: Counter = field(default_factory=Counter)
    """How often `(caller, callee)` happened."""


NAME = re.compile(r"(c?)(ob|fn|fl|fi|fe)=\((\d+)\)(?: (.*))?")
COST = re.compile(r"[+\-*\d]\S* (\d+)")


def read_profile(path):
    """The format: https://valgrind.org/docs/manual/cl-format.html, with its compressed names."""
    profile = Profile()
    names = {"ob": {}, "fn": {}}
    caller = {"ob": "", "fn": ""}
    callee = dict(caller)
    is_call = False
    for line in open(path):
        if found := NAME.match(line):
            is_callee, kind, number, name = found.groups()
            if kind not in names:
                continue
            if name:
                names[kind][number] = PurePath(name).name if kind == "ob" else name
            if is_callee:
                callee[kind] = names[kind][number]
            else:
                caller[kind] = names[kind][number]
                callee["ob"] = caller["ob"]  # Where a call names no other binary.
        elif line.startswith("calls="):
            count = int(line[6:].split()[0])
            profile.calls[_named(caller), _named(callee)] += count
            callee["ob"] = caller["ob"]
            is_call = True
        elif found := COST.match(line):
            # The line behind `calls` has what the callee cost.
            if not is_call:
                profile.instructions[_named(caller)] += int(found[1])
            is_call = False
    return profile


@functools.cache
def demangled(name):
    return run("swift", "demangle", "--compact", "--simplified", name).stdout.strip() if name.startswith("$s") else name


def _named(place):
    return Function(place["ob"], place["fn"])
