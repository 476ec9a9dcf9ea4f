"""The table a run prints: one row for each thing compared."""

from typing import NamedTuple

from harness import report

HEADINGS = ("kernel", "workload", "counter", "expected", "exported", "kernel's own", "")


class Row(NamedTuple):
    kernel: str
    workload: str
    counter: str
    expected: object
    exported: object
    own: object
    holds: bool


def print_table(rows):
    report.print_table([HEADINGS, *((*row[:-1], "ok" if row.holds else "WRONG") for row in rows)])


def print_verdict(rows, kernels, seconds):
    wrong = sum(not row.holds for row in rows)
    print(f"\n{len(rows)} comparisons on {kernels} kernels in {seconds:.0f} s: "
          + (f"{wrong} wrong" if wrong else "all hold"))
