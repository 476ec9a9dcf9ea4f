"""What is done in a guest, step by step."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """Shell commands for the guest. Only what `act` does is measured."""

    name: str
    act: str
    prepare: str = ""
    clean: str = ""


def program(name, count, before="", clean=""):
    """A step of the workload program: prepared, then told to go."""
    return Step(name, prepare=f"{before}\nstart {name} {count}", act="go", clean=clean)
