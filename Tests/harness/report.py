"""Passed and failed checks, one line each as they happen, and tables."""

import contextlib
import sys
import time
import traceback


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, problems, seconds=None):
        """Failed when there are problems; each is printed."""
        problems = list(problems)
        self.failed, self.passed = self.failed + bool(problems), self.passed + (not problems)
        took = "" if seconds is None else f" ({seconds:.1f} s)"
        print(f"{'FAIL' if problems else 'ok  '}  {name}{took}", flush=True)
        for problem in problems[:20]:
            print(f"        {problem}")
        if len(problems) > 20:
            print(f"        and {len(problems) - 20} more", flush=True)

    @contextlib.contextmanager
    def section(self, name):
        """An exception in a section is one failed check, and the next section still runs."""
        print(f"\n{name}", flush=True)
        try:
            yield
        except Exception:
            self.check(f"{name}: runs to its end", [traceback.format_exc().strip()])

    def run(self, case, *arguments, after_failure=lambda: ()):
        """A function that raises where something is wrong, and whose name says what holds. It may return a note."""
        begin, name, problems = time.monotonic(), case.__name__.replace("_", " "), []
        try:
            if note := case(*arguments):
                name += f": {note}"
        except Exception:
            problems = [traceback.format_exc(limit=-4).strip(), *after_failure()]
        self.check(name, problems, time.monotonic() - begin)

    def finish(self):
        print(f"\n{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)


def print_table(rows):
    """Columns as wide as they must be."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
