"""Compares what a guest reported: the exporter with the kernel, and both with what was expected."""

import standing
import traced
from bounds import ANY, covers, evaluate, exactly
from guests import said
from report import Row
from snapshots import Snapshot

NOTHING = "–"


class StepResult:
    """One step's folder: snapshots before and after, and the kernel's trace between."""

    def __init__(self, folder, step, kernel):
        self.step, self.kernel, self.folder = step, kernel, folder
        self.failed = said(folder, "failed")
        self.before, self.after = Snapshot(folder / "before"), Snapshot(folder / "after")
        self.traced = traced.parse(said(folder, "trace"), kernel)

    def rows(self):
        if self.failed:
            failure = self.failed.replace("\n", "; ")
            return [self.row("(the step itself)", "done", NOTHING, failure, False)]
        rows = [*self._effects(), *self._reasons(), *self._standing()]
        return rows + [row for check in self.step.checks for row in check(self)]

    def row(self, counter, expected, exported, own, holds):
        return Row(self.kernel.short_release, self.step.name, counter, expected, exported, own, holds)

    def _effects(self):
        """A row for each expectation; one for each counter that moved and had no leave to; and one
        for all that rightly stayed as they were."""
        own = growth(self.before.second.counters(), self.after.first.counters())
        own |= {f"reason/{reason}": sums["pages_migrated"] for reason, sums in self.traced.items()}
        exported = {}
        if self.after.metrics is not None:
            exported = growth(self.before.exported(), self.after.exported())
        expected = {key: exactly(bound) for key, bound in self.step.expected(self.kernel).items()}
        rows = [self._effect(key, bound, own, exported) for key, bound in expected.items()
                if bound != ANY]
        # The root cgroup has whatever the machine has.
        unnamed = [name for name in own | exported if not name.startswith("cgroup//")
                   and not any(covers(key, name) for key in expected)]
        strays = [name for name in unnamed if own.get(name, 0) or exported.get(name, 0)]
        rows += [self._effect(name, exactly(0), own, exported) for name in strays]
        still = len(unnamed) - len(strays)
        rows.append(self.row(f"{still} other counters", 0, 0 if exported else NOTHING, 0, True))
        return rows

    def _effect(self, key, bound, own, exported):
        theirs = evaluate(key, own)
        # An exporter without the reasons collector has nothing to say about them.
        mute = not exported or "reason/" in key and not any("reason/" in name for name in exported)
        ours = NOTHING if mute else evaluate(key, exported)
        return self.row(key, bound, ours, theirs, bound.holds(theirs) and (mute or bound.holds(ours)))

    def _reasons(self):
        """Every number of the reasons collector against the sum of the kernel's own events."""
        if self.after.metrics is None or not self.after.reasons():
            return []
        grown = growth(self.before.reasons(), self.after.reasons())
        wrong, events = [], traced.flat(self.traced)
        for key in sorted(grown | events):
            if grown.get(key, "absent") != events.get(key, 0):
                wrong.append(self.row(" ".join(key), events.get(key, 0), grown.get(key, "absent"),
                                      events.get(key, 0), False))
        right = len(grown | events) - len(wrong)
        return [*wrong, self.row("reasons as traced", right, right, right, True)]

    def _standing(self):
        """Whatever the workload: both scrapes show what the kernel's files say at that moment."""
        rows, compared = [], 0
        for moment, snapshot in (("before", self.before), ("after", self.after)):
            if snapshot.metrics is None:
                continue
            for check in standing.CHECKS:
                wrong, count = check(snapshot, self.kernel)
                compared += count
                rows += [self.row(f"{moment}: {what}", expected, got, expected, False)
                         for what, expected, got in wrong]
        if compared:
            right = compared - len(rows)
            rows += self._changed_nodes()
            rows.append(self.row("metrics as the files say", compared, right, compared,
                                 right == compared))
        return rows

    def _changed_nodes(self):
        """What a node is, where a step changes it: shown, as the kernel and the exporter say it."""
        own = standing.changes(standing.file_infos(self.before), standing.file_infos(self.after))
        exported = standing.changes(standing.exported_infos(self.before),
                                    standing.exported_infos(self.after))
        return [self.row(f"node {node}", "as the kernel says", exported.get(node, NOTHING), change,
                         change == exported.get(node))
                for node, change in own.items()]


def growth(before, after):
    """What each counter grew by. A node that is gone, or new, has no growth."""
    return {name: after[name] - before[name] for name in after if name in before}
