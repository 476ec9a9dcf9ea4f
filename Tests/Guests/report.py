"""The table a run prints: one row for each thing compared."""

from dataclasses import dataclass

from harness import report

HEADINGS = ("kernel", "workload", "counter", "expected", "exported", "kernel's own", "")


@dataclass(frozen=True)
class Row:
    kernel: str
    workload: str
    counter: str
    expected: str
    exported: str
    own: str
    holds: bool

    def cells(self):
        return (self.kernel, self.workload, self.counter, self.expected, self.exported, self.own,
                "ok" if self.holds else "WRONG")


def print_table(rows):
    report.print_table([HEADINGS, *(row.cells() for row in rows)])


def print_verdict(rows, kernels, seconds):
    wrong = sum(not row.holds for row in rows)
    print(f"\n{len(rows)} comparisons on {kernels} kernels in {seconds:.0f} s: "
          + (f"{wrong} wrong" if wrong else "all hold"))
