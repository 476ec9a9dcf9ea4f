"""The kernel's own record of a step: mm_migrate_pages events, summed by reason in the guest."""

from counters import REASON_SUMS


# The start of a migration is an event of its own since then; without it, none can be timed.
START_EVENT_SINCE = (5, 13)


def parse(text, kernel):
    """{reason: {sum: number}} of what guest/trace.sh wrote."""
    reasons = {}
    for line in text.splitlines():
        reason, *sums = line.split()
        reasons[reason] = dict(zip(REASON_SUMS, map(int, sums), strict=True))
        if kernel.version >= START_EVENT_SINCE:
            reasons[reason]["calls_timed"] = reasons[reason]["calls"]
    return reasons


def flat(reasons):
    return {(reason, what): number for reason, sums in reasons.items()
            for what, number in sums.items()}
