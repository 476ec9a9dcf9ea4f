"""What is done in a guest: a step is shell, and what it should do to the kernel's counters."""

from collections.abc import Callable
from dataclasses import dataclass

BALANCING_OFF = "echo 0 > /proc/sys/kernel/numa_balancing"


def nothing(_kernel):
    return {}


def every_kernel(_kernel):
    return True


@dataclass(frozen=True)
class Step:
    """Only what `act` does is measured; `prepare` and `clean` are not.

    `expected` gives, for a kernel, what each counter grows by: {"pgmigrate_success": 1000}. A key is
    a counter, `nodeN/counter`, a pattern that all counters so named must meet, a difference
    (`a - b`), or `reason/NAME` for the pages moved for a reason. Every counter it does not name
    must stay as it is. `possible` says which kernels can do this at all. `checks` are functions of
    the step's result (checks.StepResult) that give more rows, for what is no counter's growth.
    """

    name: str
    act: str
    prepare: str = ""
    clean: str = ""
    expected: Callable = nothing
    possible: Callable = every_kernel
    checks: tuple = ()


def program(name, count, expected=nothing, before="", act="go", **more):
    """A step of the workload program: prepared, then told to go."""
    return Step(name, prepare=f"{before}\nstart {name} {count}".strip(), act=act,
                expected=expected, **more)
