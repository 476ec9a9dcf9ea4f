"""The kernel's own record of a step: mm_migrate_pages events, summed by reason in the guest."""

from counters import REASON_SUMS


def parse(text):
    """{reason: {sum: number}} of what guest/trace.sh wrote."""
    reasons = {}
    for line in text.splitlines():
        reason, *sums = line.split()
        reasons[reason] = dict(zip(REASON_SUMS, map(int, sums), strict=True))
    return reasons


def flat(reasons):
    return {(reason, what): number for reason, sums in reasons.items()
            for what, number in sums.items()}
