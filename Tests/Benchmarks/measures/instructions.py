"""Instructions and heap allocations per scrape, counted by valgrind's callgrind.

A count, unlike a time, is the same on a busy machine. Two are made: of this machine's own files,
and of a copied tree, which is the same on every machine and so can be held against a figure that
is committed beside this file.
"""

import json
import re
import tempfile
from collections import Counter
from pathlib import Path

from harness import EXPORTER, FIXTURES
from harness.commands import run
from harness.servers import Exporter
from harness.trees import paths
from measures.callgrind import demangled, read_profile
from measures.load import PROMETHEUS_HEADERS
from measures.processes import HERE
from measures.scraping import Scraper

WARM_UP, SCRAPES = 20, 200
TREE = FIXTURES / "debian-6.12-two-tiers"
COMMITTED = HERE / "instructions.json"
TOLERANCE = 0.03

# The first that is found in a function's name says what it does for a scrape.
STAGES = {
    "read": ["PseudoFile", "NumberedEntries", "readText", "openFolder", "KernelFileSystem"],
    "parse": ["FieldScanner", "LineCursor", "RememberedNames", "SingleValue", "NumberList", "SteadyValueFile",
              "lastNewline"],
    "encode": ["Encoder", "Output", "MutableSpan", "digitCount", "HistogramScale"],
    "collect": ["Collector", "Gatherer", "NumaNode", "CounterSeries", "CounterFile", "CounterSnapshot",
                "CounterTarget", "MemoryTier", "NodeRoles", "ExporterMetrics", "Sampler", "Rates", "OwnProcess",
                "MonotonicTime", "UnixTime", "Duration", "Turn", "SettingsReader", "NodeReader", "VmstatReader",
                "CounterReader"],
    "serve": ["RequestHandler", "MetricsRoute", "BodyPool", "ResponseBody", "Request", "answerRequest",
              "releaseSentBody", "CollectorSelection", "Gzip", "Header", "Route", "Lane", "AnswerSender", "Response",
              "Connection", "Acceptor"],
}  # fmt: skip
# Functions of Swift's own library have its module in their name, those of its runtime are C or C++.
RUNTIME = re.compile(r"(?!\$s)|\$s[sS]|\$sxSg")


def instructions(report):
    plain, gzip = profile_of_scrapes(), profile_of_scrapes(headers=PROMETHEUS_HEADERS)
    report.section(
        "How many instructions and heap allocations does a scrape take?",
        f"Counted by callgrind over {SCRAPES} scrapes of this machine's own files, after {WARM_UP} that are not "
        "counted. What the kernel does is not counted here.",
    )
    columns = [_stages(profile) for profile in (plain, gzip)]
    rows = [[stage, *(f"{column[stage] / SCRAPES:,.0f}".replace(",", " ") for column in columns)]
            for stage in columns[1]]  # fmt: skip
    totals = [sum(column.values()) / SCRAPES for column in columns]
    rows.append(["all", *(f"{total:,.0f}".replace(",", " ") for total in totals)])
    for owner in ("ours", "libmicrohttpd's"):
        rows.append([f"allocations, {owner}", *(f"{_allocations(p)[owner] / SCRAPES:.2f}" for p in (plain, gzip))])
    report.table(["", "plain", "as Prometheus asks"], rows)


def gate(report):
    """False where a scrape of the copied tree takes more instructions than is committed."""
    committed = json.loads(COMMITTED.read_text())["instructions per scrape"]
    now = instructions_of_ours()
    change = now / committed - 1
    report.section("Instructions of our own code per scrape of a copied tree, against the committed figure")
    report.table(["committed", "now", "change"], [[committed, now, f"{change:+.2%}"]])
    if change > TOLERANCE:
        report.note(f"FAILED: {now} instructions where {committed} are committed, more than {TOLERANCE:.0%} above.")
    elif change < -TOLERANCE:
        report.note("Faster than what is committed: `run --commit-instructions` takes the new figure over.")
    return change <= TOLERANCE


def commit_instructions():
    facts = {
        "instructions per scrape": instructions_of_ours(),
        "of": "the exporter's binary alone, without the C library and libmicrohttpd, which differ by machine",
        "tree": TREE.name,
        "swift": run("swift", "--version").stdout.split(" (")[0],
    }
    COMMITTED.write_text(json.dumps(facts, indent=2) + "\n")
    return facts["instructions per scrape"]


def instructions_of_ours():
    # What depends on the machine or on the moment is left out: the process's own numbers, and a
    # sample that falls into the run.
    profile = profile_of_scrapes(*paths(TREE), "--no-collector.process", "--collector.rates.interval=60s")
    ours = sum(count for function, count in profile.instructions.items() if _is_ours(function))
    return round(ours / SCRAPES)


def profile_of_scrapes(*flags, headers=None):
    with tempfile.TemporaryDirectory(prefix="benchmark-callgrind-") as folder:
        # Dumps are named after the number of the part: 1 is what was before the scrapes.
        # valgrind 3.19 gives up on DWARF 5 as lld leaves it; the functions' names are not in there.
        binary = Path(folder) / "page-migration-exporter"
        run("strip", "--strip-debug", "-o", binary, EXPORTER)
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/profile"]
        with Exporter(*flags, wrapper=valgrind, program=binary) as program:
            scraper = Scraper(program, headers)
            scraper.scrape(WARM_UP)
            run("callgrind_control", "--zero", program.process.pid)
            scraper.scrape(SCRAPES)
            run("callgrind_control", "--dump", program.process.pid)
            scraper.close()
            return read_profile(Path(folder) / "profile.1")


def _stages(profile):
    stages = Counter(dict.fromkeys(STAGES, 0))
    for function, count in profile.instructions.items():
        if _is_ours(function):
            name = demangled(function.name)
            rest = "Swift's runtime" if RUNTIME.match(function.name) else "others of ours"
            stage = next((s for s, words in STAGES.items() if any(word in name for word in words)), rest)
        else:
            stage = function.binary.split(".so")[0]
        stages[stage if stage in STAGES or count > 20 * SCRAPES or stage in stages else "other libraries"] += count
    return stages


def _is_ours(function):
    return function.binary.startswith("page-migration-exporter")


def _allocations(profile):
    found = Counter()
    for (caller, callee), count in profile.calls.items():
        if callee.name in ("malloc", "calloc", "realloc", "posix_memalign") and not callee.binary.startswith("ld-"):
            found["ours" if _is_ours(caller) else caller.binary] += count
    return Counter({"ours": found["ours"], "libmicrohttpd's": sum(found.values()) - found["ours"]})
