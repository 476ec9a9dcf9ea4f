"""Pictures of the page in each state that it has, to be looked at by a person."""

import contextlib
import multiprocessing
import time

from cases import case, check_nothing_wrong, is_live
from harness import ROOT
from harness.migrations import compact
from harness.servers import Exporter
from harness.trees import tree

FOLDER = ROOT / ".cache/browser"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844, "scale": 2}
# What the README shows.
FIRST_SCREEN = {"width": 1180, "height": 1000, "dark": True}
# State, and the looks in which it is taken: the whole page on a desk, and else what a screen shows.
PICTURES = {
    "storm": {"first-screen": FIRST_SCREEN, "light": DESK,
              "dark": DESK | {"dark": True}, "phone": PHONE, "phone-dark": PHONE | {"dark": True}},
    "two-tiers": {"light": DESK, "dark": DESK | {"dark": True}, "phone": PHONE},
    "idle": {"light": DESK}, "failing-collector": {"light": DESK}, "lost": {"light": DESK},
}
EBPF = ["--collector.reasons", "--collector.causes"]


@contextlib.contextmanager
def repeated(work, pause):
    """Does the work again and again while the block runs: in a process of its own, or whoever takes pictures would wait for it."""
    fork = multiprocessing.get_context("fork")
    done = fork.Event()

    def run():
        while not done.wait(pause):
            work()

    process = fork.Process(target=run)
    process.start()
    try:
        yield
    finally:
        done.set()
        process.join()


def tiers_at_work(kernel):
    """A second of a host that promotes and demotes, as its kernel counts it."""
    kernel.add(pgmigrate_success=15_000, pgmigrate_fail=90, pgpromote_success=4_000, pgdemote_kswapd=11_000,
               numa_hint_faults=20_000, numa_hint_faults_local=9_000, numa_pages_migrated=4_000, compact_stall=2)
    kernel.add("sys/devices/system/node/node0/vmstat", pgpromote_success=4_000, pgdemote_kswapd=11_000)


def opened(browser, exporter, shape):
    """The page, live. A machine after a storm may be too busy for a while, and then says so with 503."""
    for _ in range(10):
        tab = browser.open(exporter.page, **shape)
        if tab.value("Boolean(document.querySelector('#state'))"):
            break
        browser.close_tabs()
        time.sleep(2)
    is_live(tab)
    return tab


def take(browser, folder, seconds, pause=0.5, states=tuple(PICTURES)):
    """Those states, each on an exporter of its own, after so many seconds and in the midst of a storm."""
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        enter = stack.enter_context
        (two, idle, broken) = (enter(tree()), enter(tree()), enter(tree()))
        exporters = {
            "storm": enter(Exporter(*EBPF)), "idle": enter(Exporter(*idle.flags)), "two-tiers": enter(Exporter(*two.flags)),
            "failing-collector": enter(Exporter("--collector.reasons", "--path.tracefs=/nowhere", *broken.flags)),
            "lost": enter(Exporter(*idle.flags)),
        }
        broken.write("sys/devices/system/node/node1/vmstat", "no number\n")
        with repeated(lambda: tiers_at_work(two), 1), repeated(compact, pause):
            time.sleep(seconds)
            for state in states:
                for look, shape in PICTURES[state].items():
                    # One page at a time: the machine has to draw it beside the storm.
                    tab = opened(browser, exporters[state], shape)
                    if state == "storm":
                        tab.wait_for("/[1-9]/.test(document.querySelector('#migrated-now').textContent)", 120)
                    browser.listen(1.5)
                    if state == "lost":
                        tab.is_expecting_loss = True
                        exporters[state].stop()
                        tab.wait_for("!document.querySelector('#lost').hidden")
                        browser.listen(0.5)
                    tab.screenshot(folder / f"{state}-{look}.png", whole=look in ("light", "dark"))
                    check_nothing_wrong(tab, exporters[state])
                    yield state, look, tab
                    browser.close_tabs()


@case
def pictures_are_taken_of_every_state(browser):
    seen = {}
    for state, look, tab in take(browser, FOLDER, seconds=22):
        seen[state] = tab.value("document.body.textContent")
        assert (FOLDER / f"{state}-{look}.png").stat().st_size > 20_000, (state, look)
    assert "promoted to it" in seen["two-tiers"] and "no page in this time" in seen["idle"]
    assert "node1/vmstat" in seen["failing-collector"] and "2 collectors fail: node, reasons" in seen["failing-collector"]
    assert "Lost the exporter at" in seen["lost"]
