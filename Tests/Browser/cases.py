"""What the page must do, each as a person would see it. A case gets the browser."""

import json
import re

from exporter import make_kernel_migrate, migrated_by_kernel, serving, tree

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
    tab.wait_for("document.querySelector('#state').textContent === 'live'")


def check_nothing_wrong(tab, exporter):
    assert tab.complaints == [], tab.complaints
    abroad = [url for url in tab.requests if not url.startswith((exporter.page, "data:"))]
    assert abroad == [], abroad


@case
def the_numbers_and_the_chart_move_when_the_kernel_migrates(browser):
    with serving("--collector.reasons") as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
        tab.wait_for("document.querySelector('#window-rows td')")
        total = int(row(tab, "window-rows", "pages migrated")[1].replace(",", ""))
        before = tab.value("document.querySelector('.area.migrated').getAttribute('d')")
        kernel = migrated_by_kernel()
        for _ in range(3):
            make_kernel_migrate()
        moved = migrated_by_kernel() - kernel
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
            assert row(tab, "reason-rows", "compaction")
        else:
            assert reasons["error"] in tab.text("#reasons-note")
        check_nothing_wrong(tab, exporter)


@case
def the_numbers_are_those_of_the_counters(browser):
    with tree() as kernel, serving(*kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
        tab.listen(2.5)
        kernel.add(pgmigrate_success=50_000, pgmigrate_fail=1_000, thp_migration_success=40,
                   thp_migration_fail=30, thp_migration_split=20)
        tab.wait_for("document.querySelector('#migrated').textContent !== '0'")
        shown = texts(tab, "migrated", "migrated-bytes", "failed", "failed-share",
                      "thp-migrated", "thp-split", "thp-lost")
        assert is_about(shown[0], 50, "k") and is_about(shown[1], 195.3, "MiB/s"), shown
        assert is_about(shown[2], 1, "k") or is_about(shown[2], 1000, ""), shown
        assert shown[3] == "1.96 % of the pages tried", shown
        # This kernel counts the split ones as failed, too.
        assert all(map(is_about, shown[4:], (40, 20, 10))), shown
        tab.wait_for("document.querySelector('#migrated').textContent === '0'")
        assert tab.text("#failed-share") == "no page was tried"
        tab.wait_for("document.querySelector('#migrated-10s').textContent !== '–'", 20)
        _, total, now, mean, *_ = row(tab, "window-rows", "pages migrated")
        assert (total, now) == ("135,184", "0") and is_about(mean, 5, "k"), (total, now, mean)
        assert row(tab, "window-rows", "THPs lost")[1] == "12"
        check_nothing_wrong(tab, exporter)


@case
def what_the_kernel_does_not_count_is_not_zero(browser):
    with tree("debian-5.10-two-nodes") as kernel:
        kernel.drop("thp_migration_success", "thp_migration_fail", "thp_migration_split")
        with serving(*kernel.flags) as exporter:
            tab = browser.open(exporter.page)
            is_live(tab)
            tab.wait_for("document.querySelector('#migrated').textContent === '0'")
            assert [tab.text(f"#thp-{what}") for what in ("migrated", "split", "lost")] == ["–"] * 3
            assert set(row(tab, "window-rows", "THPs migrated")[1:]) == {"–"}
            assert "as this kernel counts" in tab.text("#thp-rule")
            check_nothing_wrong(tab, exporter)


@case
def without_a_sampler_the_totals_are_shown(browser):
    with tree() as kernel, serving("--collector.rates.interval=0", *kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
        assert "not sampled" in tab.text("#facts")
        assert tab.text("#migrated") == "85.2k"
        assert tab.value("document.querySelector('.unit').textContent") == "pages since boot"
        assert tab.value("document.querySelector('#history').hidden")
        assert "interval=0" in tab.text("#sampler-note")
        assert set(row(tab, "window-rows", "pages migrated")[2:]) == {"–"}
        check_nothing_wrong(tab, exporter)


@case
def nodes_and_collectors_are_told_with_their_health(browser):
    with tree() as kernel, serving(*kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        tab.wait_for("document.querySelectorAll('#node-rows tr').length === 2")
        assert row(tab, "node-rows", "1")[1:3] == ["450", "memory"]
        assert row(tab, "node-rows", "0")[6] == "29,184"
        assert row(tab, "node-rows", "1")[3:5] == ["966 MiB", "898 MiB"], row(tab, "node-rows", "1")
        assert row(tab, "collector-rows", "vmstat")[1] == "✓ works"
        assert row(tab, "source-rows", "demotion to a slower tier")[3] == "47,556"
        kernel.add("sys/devices/system/node/node0/vmstat", pgpromote_success=6_000)
        tab.wait_for("document.querySelector('#node-rows tr').cells[6].textContent === '35,184'")
        assert row(tab, "node-rows", "0")[5] not in ("0", "–")
        kernel.write("sys/devices/system/node/node1/vmstat", "no number\n")
        tab.wait_for("document.querySelector('#collector-rows .bad')")
        assert row(tab, "collector-rows", "node")[1].startswith("✕ failed")
        check_nothing_wrong(tab, exporter)


@case
def reasons_are_told_where_they_are_watched(browser):
    def reasons(calls, pages, quick, slow):
        return f"""
pagemigration_reason_calls_total{{reason="compaction",mode="sync"}} {calls}
pagemigration_reason_calls_total{{reason="damon",mode="sync"}} 0
pagemigration_reason_pages_migrated_total{{reason="compaction"}} {pages}
pagemigration_reason_pages_failed_total{{reason="compaction"}} 0
pagemigration_reason_call_duration_seconds_bucket{{reason="compaction",le="0.0001"}} {quick}
pagemigration_reason_call_duration_seconds_bucket{{reason="compaction",le="0.0002"}} {quick + slow}
pagemigration_reason_call_duration_seconds_bucket{{reason="compaction",le="+Inf"}} {quick + slow}
"""

    with tree() as kernel, serving(*kernel.flags) as exporter:
        readings = [reasons(10, 100, 10, 0), reasons(110, 5100, 20, 90)]
        tab = browser.open("about:blank")
        tab.replace_answers("*/metrics", lambda: exporter.get("/metrics") + (
            readings.pop(0) if len(readings) > 1 else readings[0]))
        tab.go(exporter.page)
        tab.wait_for("/[1-9]/.test(document.querySelector('#reasons:not([hidden]) td')?.textContent)")
        name, calls, pages, share, failed, median = row(tab, "reason-rows", "compaction")
        assert is_about(calls, 49, ""), calls  # 100 more, two seconds later
        assert (share, failed, median) == ("100 %", "0", "144 µs"), (share, failed, median)
        assert "damon" in tab.text("#reasons-note")
        assert tab.value("document.querySelector('#sources').hidden")
        check_nothing_wrong(tab, exporter)


@case
def reasons_that_cannot_be_told_are_explained(browser):
    with tree() as kernel:
        flags = ["--collector.reasons", "--path.tracefs=/nowhere", *kernel.flags]
        with serving(*flags) as exporter:
            tab = browser.open(exporter.page)
            tab.wait_for("document.querySelector('#reasons-note').textContent.includes('/nowhere')")
            assert row(tab, "collector-rows", "reasons")[1].startswith("✕ failed")
            check_nothing_wrong(tab, exporter)


@case
def what_explain_finds_is_told_with_its_command_and_its_undo(browser):
    with tree() as kernel, serving(*kernel.flags) as exporter:
        tab = browser.open("about:blank")
        # By default it warns of nothing before it has seen a minute.
        tab.replace_answers("*/explain*", lambda: exporter.get("/explain?format=json&window=10s"))
        tab.go(exporter.page)
        is_live(tab)
        assert tab.value("document.querySelector('#explained').hidden")
        kernel.add(compact_stall=3_000, compact_fail=3_000)
        tab.wait_for("!document.querySelector('#explained').hidden", 30)
        assert tab.text("#explained-title").startswith("1 warning in the last 10 s"), tab.text("#explained-title")
        assert tab.text("#findings h3") == "Allocations wait while the kernel compacts memory."
        told = tab.value("[...document.querySelectorAll('#findings code')].map((code) => code.textContent)")
        assert told == ["sysctl vm.compaction_proactiveness=20", "sysctl vm.compaction_proactiveness=0"], told
        check_nothing_wrong(tab, exporter)


@case
def a_zero_is_no_alarm(browser):
    with tree() as kernel, serving(*kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
        colour = "getComputedStyle(document.querySelector('#failed')).color"
        tab.wait_for("document.querySelector('#failed').textContent === '0'")
        calm = tab.value(colour)
        assert calm == tab.value("getComputedStyle(document.body).color"), calm
        kernel.add(pgmigrate_fail=1_000)
        tab.wait_for(f"{colour} !== '{calm}'")


@case
def the_metrics_are_found_where_the_user_put_them(browser):
    with tree() as kernel, serving("--web.telemetry-path=//m & 'ü'", *kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        tab.wait_for("document.querySelector('#collector-rows .good')")
        check_nothing_wrong(tab, exporter)


@case
def a_host_name_cannot_become_markup(browser):
    with tree(host="<b/onclick=alert(1)>&lt;") as kernel, serving(*kernel.flags) as exporter:
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
    with tree() as kernel, serving(*kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
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
        tab.wait_for("getComputedStyle(document.querySelector('main')).opacity < 0.8", 2)
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
        check_nothing_wrong(tab, exporter)


@case
def an_error_of_the_exporter_is_told_in_its_words(browser):
    with tree() as kernel:
        kernel.write("proc/vmstat", "pgmigrate_success many\n")
        with serving(*kernel.flags) as exporter:
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

    with tree() as kernel, serving(*kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
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
        check_nothing_wrong(tab, exporter)


@case
def the_chart_is_read_by_keyboard_and_by_pointer(browser):
    with tree() as kernel, serving(*kernel.flags) as exporter:
        tab = browser.open(exporter.page)
        is_live(tab)
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
        box = tab.value("(({ x, y, width, height }) => ({ x, y, width, height }))(document.querySelector('#chart').getBoundingClientRect())")
        tab.point(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
        tab.wait_for("document.querySelector('.cursor') && document.querySelector('#readout').textContent.includes('pages/s')")
        tab.value("document.querySelector('#samples').open = true")
        tab.wait_for("document.querySelectorAll('#sample-rows tr').length > 2")
        tab.value("document.querySelector('[name=scale][value=linear]').click()")
        tab.value("document.querySelector('[name=span][value=\"600\"]').click()")
        tab.wait_for("[...document.querySelectorAll('#chart text')].some((text) => text.textContent === '−10 min')")
        check_nothing_wrong(tab, exporter)
