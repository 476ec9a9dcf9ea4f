"""Passed and failed checks, one line each as they happen."""

import contextlib
import sys
import traceback


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, problems):
        """Failed when there are problems; each is printed."""
        problems = list(problems)
        self.failed, self.passed = self.failed + bool(problems), self.passed + (not problems)
        print(f"{'FAIL' if problems else 'ok  '}  {name}", flush=True)
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

    def finish(self):
        print(f"\n{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed or not self.passed else 0)
