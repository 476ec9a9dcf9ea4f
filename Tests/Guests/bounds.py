"""What may come of a workload: a number, or the range it must lie in."""

from dataclasses import dataclass
from fnmatch import fnmatch


@dataclass(frozen=True)
class Bound:
    low: int
    high: int | None = None

    def holds(self, value):
        return self.low <= value and (self.high is None or value <= self.high)

    def __str__(self):
        if self.high is None:
            return f"≥ {self.low}" if self.low else "any"
        return str(self.low) if self.low == self.high else f"{self.low}…{self.high}"


ANY = Bound(0)


def exactly(value):
    return value if isinstance(value, Bound) else Bound(value, value)


def at_least(low):
    return Bound(low)


def between(low, high):
    return Bound(low, high)


def evaluate(expression, values):
    """`a - b - c_*` over counters: a name with a star is the sum of all that match."""
    first, *others = (_sum(pattern.strip(), values) for pattern in expression.split(" - "))
    return first - sum(others)


def _sum(pattern, values):
    return sum(value for name, value in values.items() if fnmatch(name, pattern))


def covers(expression, name):
    """Whether an expectation speaks of this counter alone, not of a difference."""
    return " - " not in expression and fnmatch(name, expression)
