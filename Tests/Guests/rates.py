"""The sampler in a guest: a burst between two scrapes is seen all the same."""

from steps import Step

BURST = 4096  # pages, in one call of the kernel's
WINDOW_SECONDS = 10


def burst(_):
    return {"pgmigrate_success": BURST, "thp_migration_success": 8, "reason/syscall_or_cpuset": BURST}


def sampled(result):
    """One interval of about a second has all of it. How long the interval really was is up to the
    emulated machine, so the rate may be off by half."""
    before, after = result.before.metrics, result.after.metrics
    if after is None:
        return []
    intervals = _grown(before, after, "_count")
    busy = intervals - _grown(before, after, "_bucket", le="1000.0")
    pages = _grown(before, after, "_sum")
    mean = after.get(("pagemigration_pages_migrated_per_second",
                      frozenset({("window", f"{WINDOW_SECONDS}s")})), "absent")
    low, high = BURST // 2, BURST * 3 // 2
    return [
        result.row("intervals over 1000 pages/s", 1, int(busy), "–", busy == 1),
        result.row("sum of sampled rates", f"{low}…{high}", int(pages), "–", low <= pages <= high),
        result.row(f"mean of {WINDOW_SECONDS} s", f"≥ {low // WINDOW_SECONDS}", mean, "–",
                   mean != "absent" and float(mean) >= low // WINDOW_SECONDS),
    ]


def _grown(before, after, suffix, **labels):
    key = "pagemigration_sampled_pages_migrated_per_second" + suffix, frozenset(labels.items())
    return float(after[key]) - float(before[key])


# A window is absent until it is full.
WINDOW_FULL = f"""
until wget -q -O - "http://$exporter_address/metrics" |
  grep -q 'pages_migrated_per_second{{window="{WINDOW_SECONDS}s"}}' || [ ! -x /bin/page-migration-exporter ]
do usleep 500000; done"""

STEPS = [
    Step("burst", prepare=f"{WINDOW_FULL}\nstart move-huge 8", act="go; status=$?; sleep 3; return $status",
         expected=burst, checks=(sampled,)),
]
