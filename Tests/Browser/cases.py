"""What the page must do, each as a person would see it. A case gets the browser."""

import json
import re
from contextlib import contextmanager

from chromium import Chromium
from harness.migrations import migrate, vmstat
from harness.servers import Exporter
from harness.trees import tree

CASES = []


def case(function):
    CASES.append(function)
    return function


def row(tab, table, title):
    """The texts of the row that begins so."""
    return tab.value(f"""[...document.querySelectorAll('#{table} tr')]
        .map((row) => [...row.cells].map((cell) => cell.textContent))
        .find((cells) => cells[0] === {title!r})""")


def texts(tab, *ids):
    """All of one instant: a second later they are others."""
    return tab.value(f"{list(ids)}.map((id) => document.getElementById(id).textContent)")


def is_about(text, amount, unit=""):
    """A rate is over the time that really went by, which on a busy machine is not just a second."""
    number = text.removesuffix(unit).strip()
    return number.replace(".", "").isdigit() and abs(float(number) / amount - 1) < 0.1


def is_live(tab):
    tab.wait_for("document.querySelector('#state').textContent === 'live'", 30)


def check_nothing_wrong(tab, exporter):
    assert tab.complaints == [], tab.complaints
    abroad = [url for url in tab.requests if not url.startswith((exporter.page, "data:"))]
    assert abroad == [], abroad


@contextmanager
def page(browser, *flags, change=None, fixture="debian-7.2-two-tiers", host="db-7.example", lacks=(), **looks):
    """A copied machine, an exporter of it, and the page, live. At the end nothing may have been wrong with it.

    `change` makes what the exporter says of the last ten minutes something else.
    """
    with tree(fixture, host, lacks) as kernel, Exporter(*flags, *kernel.flags) as exporter:
        tab = browser.open("about:blank", **looks)
        if change:
            def answer():
                overview = json.loads(exporter.get("/rates?format=json&history=600s&trends=600s"))
                change(overview)
                return json.dumps(overview)

            # Answers with trends are changed; `*` matches all, so the first is asked for with all of them.
            tab.replace_answers("*/rates*", answer)
        tab.go(exporter.page)
        is_live(tab)
        yield kernel, exporter, tab
        check_nothing_wrong(tab, exporter)


@case
def the_numbers_and_the_chart_move_when_the_kernel_migrates(browser):
    with Exporter("--collector.reasons") as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
        tab.wait_for("document.querySelector('#window-rows td')")
        total = int(row(tab, "window-rows", "pages migrated")[1].replace(",", ""))
        before = tab.value("document.querySelector('.area.migrated').getAttribute('d')")
        kernel = vmstat()["pgmigrate_success"]
        for _ in range(3):
            migrate()
        moved = vmstat()["pgmigrate_success"] - kernel
        assert moved > 1000, f"the kernel migrated {moved} pages only"
        tab.wait_for(f"""Number(document.querySelector('#window-rows td').textContent
            .replaceAll(',', '')) >= {total + moved}""")
        tab.wait_for("document.querySelector('.peak')?.textContent.match(/[1-9]/)")
        after = tab.value("document.querySelector('.area.migrated').getAttribute('d')")
        assert after != before
        tab.listen(1.2)
        assert tab.value("document.querySelector('.area.migrated').getAttribute('d')") != after
        # Once the first ten seconds are over, the sentence tells of it, too.
        tab.wait_for("document.querySelector('#summary').textContent.includes('pages/s')", 20)
        assert "pages/s" in tab.value("document.title")
        # A machine without tracefs or eBPF says why it does not tell the reasons.
        reasons = json.loads(exporter.get("/rates?format=json"))["reasons"]
        if reasons["error"] is None:
            tab.wait_for("document.querySelector('#reason-rows td')")
            assert row(tab, "reason-rows", "compaction")
        else:
            assert reasons["error"] in tab.text("#reasons-note")
        check_nothing_wrong(tab, exporter)


@case
def the_numbers_are_those_of_the_counters(browser):
    with page(browser) as (kernel, _, tab):
        assert tab.value("document.querySelector('.unit').textContent") == "pages/s now"
        # The large numbers are of ten seconds as soon as these are known, and so is the sentence.
        tab.wait_for("document.querySelector('.unit').textContent === 'pages/s, mean of 10\\u00a0s'", 20)
        assert tab.text("#failed-share") == "no page was tried"
        kernel.add(pgmigrate_success=50_000, pgmigrate_fail=1_000, thp_migration_success=40,
                   thp_migration_fail=30, thp_migration_split=20)
        tab.wait_for("document.querySelector('#migrated').textContent !== '0'")
        shown = texts(tab, "migrated", "migrated-bytes", "failed", "failed-share",
                      "thp-migrated", "thp-split", "thp-lost", "migrated-now", "summary")
        assert is_about(shown[0], 5, "k") and is_about(shown[1], 19.53, "MiB/s"), shown
        assert is_about(shown[2], 100, "") and shown[3] == "1.96 % of the pages tried", shown
        # This kernel counts the split ones as failed, too.
        assert all(map(is_about, shown[4:7], (4, 2, 1))), shown
        assert is_about(shown[7], 50, "k") and shown[0] in shown[8], shown
        tab.wait_for("document.querySelector('#migrated-now').textContent === '0'")
        _, total, now, mean, *_ = row(tab, "window-rows", "pages migrated")
        assert (total, now) == ("135,184", "0") and is_about(mean, 5, "k"), (total, now, mean)
        assert row(tab, "window-rows", "THPs lost")[1] == "12"


@case
def what_the_kernel_does_not_count_is_not_zero(browser):
    lacks = ("thp_migration_success", "thp_migration_fail", "thp_migration_split")
    with page(browser, fixture="debian-5.10-two-nodes", lacks=lacks) as (_, _, tab):
        tab.wait_for("document.querySelector('#migrated').textContent === '0'")
        assert [tab.text(f"#thp-{what}") for what in ("migrated", "split", "lost")] == ["–"] * 3
        assert set(row(tab, "window-rows", "THPs migrated")[1:]) == {"–"}
        assert "as this kernel counts" in tab.text("#thp-rule")


@case
def without_a_sampler_the_totals_are_shown(browser):
    with page(browser, "--collector.rates.interval=0") as (_, _, tab):
        assert "not sampled" in tab.text("#facts")
        assert tab.text("#migrated") == "85.2k"
        assert tab.value("document.querySelector('.unit').textContent") == "pages since boot"
        assert tab.value("document.querySelector('#history').hidden")
        assert "interval=0" in tab.text("#sampler-note")
        assert set(row(tab, "window-rows", "pages migrated")[2:]) == {"–"}


@case
def a_window_that_never_has_a_rate_is_not_offered(browser):
    with page(browser, "--collector.rates.interval=30s") as (_, _, tab):
        shown = tab.value("""[...document.querySelector('#window-rows').parentElement.rows[0].cells]
            .filter((cell) => cell.getClientRects().length).map((cell) => cell.textContent)""")
        assert "10 s" not in shown and "1 min" in shown, shown


@case
def nodes_and_collectors_are_told_with_their_health(browser):
    with page(browser) as (kernel, _, tab):
        tab.wait_for("document.querySelectorAll('#node-rows tr').length === 2")
        assert row(tab, "node-rows", "1")[1:3] == ["450", "memory"]
        assert row(tab, "node-rows", "0")[6] == "29,184"
        assert row(tab, "node-rows", "1")[3:5] == ["966 MiB", "898 MiB"], row(tab, "node-rows", "1")
        assert row(tab, "collector-rows", "vmstat")[1] == "✓ works: the machine's counters"
        assert row(tab, "collector-rows", "reasons")[1].startswith("– off; --collector.reasons shows why pages move")
        assert row(tab, "source-rows", "demotion to a slower tier")[3] == "47,556"
        kernel.add("sys/devices/system/node/node0/vmstat", pgpromote_success=6_000)
        tab.wait_for("document.querySelector('#node-rows tr').cells[6].textContent === '35,184'")
        assert row(tab, "node-rows", "0")[5] not in ("0", "–")
        kernel.write("sys/devices/system/node/node1/vmstat", "no number\n")
        tab.wait_for("document.querySelector('#collector-rows .bad')")
        words = row(tab, "collector-rows", "node")[1]
        assert words.startswith("✕ fails: ") and "node1/vmstat" in words, words
        assert tab.text("#failing") == "✕ A collector fails: node"
        tab.value("document.querySelector('#failing').click()")
        assert tab.value("document.activeElement.id") == "collectors-title"


def reason(name, **known):
    return {"reason": name, "calls_total": 0, "calls_per_second": 0, "pages_migrated_per_second": 0,
            "pages_failed_per_second": 0, "share": None, "busy_seconds_per_second": 0, "median_seconds": None} | known


def step(place, overview, **known):
    return {"time": overview["time"] - 10 * place, "seconds": 10, "reasons": {}, "durations": [0] * 26,
            "per_second": {"compaction_stalls": 0, "numa_hint_faults": 0, "pages_promoted": 0, "pages_demoted": 0},
            "numa_locality": None} | known


def add_reasons(overview):
    """What the exporter says where eBPF works: this machine may have none."""
    trends = overview["trends"]
    trends["reasons"] = [
        reason("compaction", calls_total=110, calls_per_second=5, pages_migrated_per_second=400,
               pages_failed_per_second=100, share=0.8, busy_seconds_per_second=0.02, median_seconds=0.000144),
        reason("numa_misplaced", calls_total=9, pages_migrated_per_second=100, share=0.2), reason("damon")]
    overview["reasons"] = {"error": None, "slowest_calls": [{
        "reason": "compaction", "seconds": 0.0521, "command": "postgres", "pid": 4711, "cgroup": "/db.slice",
        "pages_migrated": 4096, "pages_failed": 12}]}
    trends["causes"] = [{"cause": "pinned", "pages_per_second": 90, "share": 0.9},
                        {"cause": "locked", "pages_per_second": 10, "share": 0.1}]
    calls = [0] * 26
    calls[7], calls[16] = 300, 4
    trends["steps"] = [
        step(place, overview, durations=calls, numa_locality=0.97,
             reasons={"compaction": 100 * place, "numa_misplaced": 50},
             per_second={"compaction_stalls": 3, "numa_hint_faults": 500, "pages_promoted": 70, "pages_demoted": 30})
        for place in range(12, 0, -1)]
    for collector in overview["collectors"]:
        if collector["collector"] in ("reasons", "causes"):
            collector.update(state="works", seconds=0.0002)


@case
def reasons_are_told_where_they_are_watched(browser):
    with page(browser, change=add_reasons) as (_, _, tab):
        tab.wait_for("document.querySelector('#reasons:not([hidden]) td')")
        assert row(tab, "reason-rows", "compaction")[1:] == ["5", "400", "80 %", "100", "144 µs", "2 %"]
        assert "damon" in tab.text("#reasons-note")
        assert tab.value("document.querySelector('#sources').hidden")
        assert row(tab, "cause-rows", "pinned")[1:] == ["90", "90 %"]
        assert row(tab, "slowest-rows", "compaction")[1:] == ["52.1 ms", "4,096", "12", "postgres (4711)", "/db.slice"]
        assert "--collector.waits" in tab.text("#waits-note")


@case
def all_charts_are_read_at_one_moment(browser):
    with page(browser, change=add_reasons, width=1280, height=1600) as (_, _, tab):
        tab.listen(3.5)
        for name in ("reasons", "durations", "stalls", "numa", "tiers"):
            assert not tab.value(f"document.querySelector('#{name}-figure').hidden"), name
            assert tab.value(f"document.querySelector('#{name}-strip svg').childElementCount") > 2, name
        assert tab.value("[...document.querySelectorAll('#reasons-legend li')].map((item) => item.textContent.trim())") == [
            "compaction", "numa_misplaced"]
        tab.point("#numa-strip", 14)
        tab.wait_for("document.querySelectorAll('.chart .cursor').length === 6")
        places = tab.value("[...document.querySelectorAll('.chart .cursor')].map((line) => line.getAttribute('x1'))")
        assert len(set(places)) == 1, places
        tab.wait_for("document.querySelector('#readout').textContent.includes('hint faults/s, 97 % local')")
        assert "compaction" in tab.text("#readout") and "3 stalls/s" in tab.text("#readout"), tab.text("#readout")


@case
def nodes_are_drawn_with_arrows_as_thick_as_what_moves(browser):
    def busy(overview):
        add_reasons(overview)
        overview["trends"]["nodes"][0].update(promoted_to_per_second=0, demoted_from_per_second=10_000)

    with page(browser, change=busy) as (_, _, tab):
        tab.wait_for("document.querySelectorAll('#flow .node').length === 2")
        width = lambda kind: float(tab.value(f"document.querySelector('#flow .flow.{kind}').getAttribute('stroke-width')"))
        assert width("demoted") > 10 > 2 > width("promoted"), (width("demoted"), width("promoted"))
        assert "node 0: 0 pages/s promoted to it, 10k demoted from it" in tab.value(
            "document.querySelector('#flow').getAttribute('aria-label')")


@case
def a_link_shows_what_its_sender_saw(browser):
    with page(browser) as (kernel, exporter, tab):
        tab.listen(3)
        kernel.add(pgmigrate_success=7_000)
        tab.wait_for("samples.all.some(({ migrated }) => migrated > 5000)")
        tab.value("document.querySelector('[name=scale][value=linear]').click()")
        tab.value("document.querySelector('[name=span][value=\"300\"]').click()")
        tab.value("document.querySelector('#stop').click()")
        assert tab.text("#state").startswith("stopped at "), tab.text("#state")
        tab.value("document.querySelector('#chart').focus()")
        for _ in range(10):
            tab.press("ArrowLeft")
            if "7k pages/s" in (seen := tab.text("#readout")) or "6." in seen:
                break
        address = tab.value("location.href")
        for part in ("span=300", "scale=linear", "stopped=", "at="):
            assert part in address, address
        # The time stands still, but nothing is lost meanwhile.
        shown = tab.value("document.querySelector('.area.migrated').getAttribute('d')")
        count = tab.value("samples.all.length")
        tab.listen(2.5)
        assert tab.value("document.querySelector('.area.migrated').getAttribute('d')") == shown
        assert tab.value("samples.all.length") > count
        other = browser.open(address)
        other.wait_for("document.querySelector('#state').textContent.startsWith('stopped at ')")
        assert other.text("#readout").split(": ")[1].split(";")[0] == seen.split(": ")[1].split(";")[0]
        assert other.value("document.querySelector('[name=scale][value=linear]').checked")
        other.value("document.querySelector('#stop').click()")
        is_live(other)
        assert "stopped" not in other.value("location.href")
        check_nothing_wrong(other, exporter)


@case
def what_is_seen_is_copied_as_text(browser):
    with page(browser, change=add_reasons) as (kernel, exporter, tab):
        tab.listen(1.5)
        tab.value("document.querySelector('#copy').click()")
        tab.wait_for("document.querySelector('#copied-state').textContent")
        text = tab.value("document.querySelector('#copied-text').value")
        for part in ("db-7.example, kernel 7.2", "compaction: 400 pages/s (80 %), 100 failed/s, median call 144 µs",
                     exporter.page):
            assert part in text, text
        tab.value("document.querySelector('#copied-seen').click()")
        assert tab.value("document.querySelector('#copied').hidden && document.activeElement.id === 'copy'")


@case
def a_restart_and_another_version_are_told(browser):
    with page(browser) as (_, exporter, tab):
        tab.is_expecting_loss = True
        exporter.stop()
        exporter.start()
        tab.wait_for("document.querySelector('#notice-text').textContent.includes('was restarted at')", 10)
        tab.value("document.querySelector('#notice-seen').click()")
        assert tab.value("document.querySelector('#notice').hidden")
        tab.replace_answers("*/rates*", lambda: exporter.get("/rates?format=json&history=10s").replace(
            '"version":"', '"version":"0.0.', 1))
        tab.wait_for("document.querySelector('#notice-text').textContent.includes('reload it')", 10)


@case
def an_exporter_older_than_the_page_is_shown_as_far_as_it_tells(browser):
    def old(overview):
        for member in ("trends", "collectors", "started"):
            del overview[member]

    with page(browser, change=old) as (_, _, tab):
        tab.wait_for("document.querySelector('#reasons-note').textContent.includes('older than the page')")
        assert row(tab, "window-rows", "pages migrated")[1] == "85,184"


@case
def what_comes_too_late_does_not_keep_the_rest(browser):
    def never():
        raise OSError

    with tree() as kernel, Exporter(*kernel.flags) as exporter:
        tab = browser.open("about:blank")
        tab.is_expecting_loss = True
        tab.replace_answers("*/rates*trends=*", never)
        tab.go(exporter.page)
        is_live(tab)
        tab.wait_for("document.querySelector('#window-rows td')")
        assert "did not arrive in time" in tab.text("#reasons-note"), tab.text("#reasons-note")
        tab.listen(6)
        assert tab.text("#state") == "live"
        check_nothing_wrong(tab, exporter)


@case
def an_old_browser_is_told_where_else_to_look(browser):
    with tree() as kernel, Exporter(*kernel.flags) as exporter:
        tab = browser.open("about:blank")
        # As a browser sees it that does not know the language of the first script.
        tab.replace_answers(exporter.page, lambda: exporter.get("/", {"Accept": "text/html"}).replace(
            '"use strict";', "#not a language", 1))
        tab.go(exporter.page)
        tab.wait_for("!document.querySelector('#old').hidden")
        assert "too old" in tab.text("#old")


@case
def its_history_survives_a_restart_of_the_browser(browser):
    with page(browser) as (_, exporter, tab):
        tab.listen(4)
        with Chromium() as another:
            again = another.open(exporter.page)
            is_live(again)
            assert again.value("samples.depth") > 4


@case
def the_page_is_one_small_answer(browser):
    with page(browser) as (_, exporter, tab):
        size = len(exporter.get("/", {"Accept": "text/html", "Accept-Encoding": "gzip"}))
        assert size < 60_000, size
        tab.listen(2)
        assert {url.split("?")[0].removeprefix(exporter.page) for url in tab.requests if not url.startswith("data:")} \
            <= {"", "rates", "explain"}, tab.requests


@case
def reasons_that_cannot_be_told_are_explained(browser):
    with page(browser, "--collector.reasons", "--path.tracefs=/nowhere") as (_, _, tab):
        tab.wait_for("document.querySelector('#reasons-note').textContent.includes('/nowhere')")
        assert "/nowhere" in row(tab, "collector-rows", "reasons")[1]
        assert "/nowhere" in tab.text("#reasons-off")


@case
def what_explain_finds_is_told_with_its_command_and_its_undo(browser):
    with page(browser) as (kernel, exporter, tab):
        # By default it warns of nothing before it has seen a minute.
        tab.replace_answers("*/explain*", lambda: exporter.get("/explain?format=json&window=10s"))
        assert tab.value("document.querySelector('#explained').hidden")
        kernel.add(compact_stall=3_000, compact_fail=3_000)
        tab.wait_for("!document.querySelector('#explained').hidden", 30)
        assert tab.text("#explained-title").startswith("1 warning in the last 10 s"), tab.text("#explained-title")
        assert tab.text("#findings h3") == "Allocations wait while the kernel compacts memory."
        assert tab.value("document.querySelector('#findings a').href").endswith("/PageMigrationCompactionStalls.md")
        told = tab.value("[...document.querySelectorAll('#findings code')].map((code) => code.textContent)")
        assert told == ["sysctl vm.compaction_proactiveness=20", "sysctl vm.compaction_proactiveness=0"], told


@case
def a_zero_is_no_alarm(browser):
    with page(browser) as (kernel, _, tab):
        colour = "getComputedStyle(document.querySelector('#failed')).color"
        tab.wait_for("document.querySelector('#failed').textContent === '0'")
        calm = tab.value(colour)
        assert calm == tab.value("getComputedStyle(document.body).color"), calm
        kernel.add(pgmigrate_fail=1_000)
        tab.wait_for(f"{colour} !== '{calm}'")


@case
def the_metrics_are_found_where_the_user_put_them(browser):
    with page(browser, "--web.telemetry-path=//m & 'ü'") as (_, _, tab):
        tab.wait_for("document.querySelector('#collector-rows .good')")


@case
def a_host_name_cannot_become_markup(browser):
    with tree(host="<b/onclick=alert(1)>&lt;") as kernel, Exporter(*kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
        assert tab.text("#host") == "<b/onclick=alert(1)>&lt;", tab.text("#host")
        assert tab.value("document.querySelector('b')") is None
        # And nothing that is put into the page all the same is run.
        assert tab.value("""new Promise((done) => {
            document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
            const script = document.createElementNS('http://www.w3.org/2000/svg', 'script');
            script.append('window.wasRun = true');
            document.body.append(script);
            setTimeout(() => done('nothing'), 1000);
        })""") in ("script-src", "script-src-elem", "require-trusted-types-for")
        assert not tab.value("window.wasRun")


@case
def it_says_when_the_exporter_is_lost_and_picks_up_again(browser):
    with page(browser) as (kernel, exporter, tab):
        tab.listen(2)
        kernel.add(pgmigrate_success=7_000)
        tab.wait_for("document.querySelector('#migrated').textContent !== '0'")
        tab.is_expecting_loss = True
        exporter.stop()
        tab.wait_for("!document.querySelector('#lost').hidden", 5)
        assert tab.text("#state") == "lost"
        words = tab.text("#lost")
        assert words.startswith("Lost the exporter at ") and "cannot be reached" in words, words
        assert tab.value("document.title").startswith("lost")
        tab.wait_for("getComputedStyle(document.querySelector('main')).filter.includes('grayscale')", 2)
        # What was known is still there.
        assert row(tab, "window-rows", "pages migrated")[1] == "92,184"
        asked = len(tab.requests)
        tab.listen(4)
        assert tab.text("#lost") == words
        assert 1 <= len(tab.requests) - asked <= 8, "it asks too often, or not at all"
        samples = tab.value("samples.all.length")
        exporter.start()
        tab.wait_for("document.querySelector('#lost').hidden", 8)
        is_live(tab)
        kernel.add(pgmigrate_success=100)
        tab.wait_for(f"samples.all.length > {samples}")
        # The time without an exporter is marked as not sampled, beside the one before the first.
        assert tab.value("document.querySelectorAll('.unsampled').length") >= 2
        tab.wait_for("document.querySelector('#window-rows td').textContent === '92,284'")


@case
def an_error_of_the_exporter_is_told_in_its_words(browser):
    with tree() as kernel:
        kernel.write("proc/vmstat", "pgmigrate_success many\n")
        with Exporter(*kernel.flags) as exporter:
            tab = browser.open("about:blank")
            tab.is_expecting_loss = True
            tab.go(exporter.page)
            tab.wait_for("document.querySelector('#lost').textContent.includes('500')")
            assert "vmstat" in tab.text("#lost"), tab.text("#lost")
            assert "00:00:00" not in tab.text("#chart")


@case
def a_hidden_tab_asks_for_nothing(browser):
    def hide(tab, hidden):
        tab.value(f"""Object.defineProperty(document, 'hidden', {{ value: {str(hidden).lower()},
            configurable: true }}); document.dispatchEvent(new Event('visibilitychange'))""")

    with page(browser) as (_, _, tab):
        hide(tab, True)
        tab.listen(0.5)
        asked = len(tab.requests)
        tab.listen(3)
        assert len(tab.requests) == asked, tab.requests[asked:]
        hide(tab, False)
        tab.listen(1)
        assert len(tab.requests) >= asked + 2
        # No sample of the hidden time is missing.
        tab.wait_for("""samples.all.length > 3 && samples.all.every((sample, place, all) =>
            place === 0 || sample.end - all[place - 1].end < 1.5)""")


@case
def the_chart_is_read_by_keyboard_and_by_pointer(browser):
    with page(browser) as (kernel, _, tab):
        tab.listen(1.5)
        kernel.add(pgmigrate_success=7_000, pgmigrate_fail=70)
        tab.wait_for("document.querySelector('#migrated').textContent !== '0'")
        reached = []
        for _ in range(12):
            tab.press("Tab")
            reached.append(tab.value("document.activeElement.id || document.activeElement.name || document.activeElement.tagName"))
            if reached[-1] == "chart":
                break
        assert reached[-1] == "chart" and {"span", "scale"} <= set(reached), reached
        assert tab.value("getComputedStyle(document.activeElement).outlineStyle") != "none"
        tab.press("ArrowLeft")
        tab.wait_for("document.querySelector('#readout').textContent.includes('pages/s')")
        spoken = tab.value("document.activeElement.getAttribute('aria-valuetext')")
        assert spoken == tab.text("#readout"), spoken
        read = [tab.text("#readout")]
        while len(read) < 8:
            tab.press("ArrowLeft")
            read.append(tab.text("#readout"))
        burst = [re.search(r"(\S+)k pages/s migrated, (\S+) failed$", text) for text in read]
        assert any(is_about(found[1], 7) and is_about(found[2], 70) for found in burst if found), read
        tab.press("Escape")
        assert "pages/s" not in tab.text("#readout")
        tab.point("#chart", 20)
        tab.wait_for("document.querySelector('.cursor') && document.querySelector('#readout').textContent.includes('pages/s')")
        tab.value("document.querySelector('#samples').open = true")
        tab.wait_for("document.querySelectorAll('#sample-rows tr').length > 2")
        tab.value("document.querySelector('[name=scale][value=linear]').click()")
        tab.value("document.querySelector('[name=span][value=\"600\"]').click()")
        tab.wait_for("[...document.querySelectorAll('#chart text')].some((text) => text.textContent === '−10 min')")
