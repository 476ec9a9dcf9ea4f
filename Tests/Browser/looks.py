"""What can be checked of looks and of accessibility without an eye; and pictures for the eye."""

import axe
from cases import add_reasons, case, page

# The contrast of every text with what is behind it, as WCAG 2 reckons it: those below AA.
LOW_CONTRAST = """
(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const color = channels(getComputedStyle(node).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return channels(getComputedStyle(document.documentElement).backgroundColor);
  };
  const low = [];
  for (const node of document.querySelectorAll('body *')) {
    const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!own || node.closest('script, style, noscript, .unseen, [hidden]') || !node.getClientRects().length) continue;
    const style = getComputedStyle(node);
    const colors = [channels(node.closest('svg') ? style.fill : style.color), behind(node)].map(luminance).sort();
    const contrast = (Math.max(...colors) + 0.05) / (Math.min(...colors) + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24;
    if (contrast < (isLarge ? 3 : 4.5)) low.push(`${node.textContent.slice(0, 30)}: ${contrast.toFixed(2)}`);
  }
  return low;
})()
"""

SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@case
def text_has_the_contrast_of_wcag_aa(browser):
    for dark in (False, True):
        with page(browser, dark=dark) as (_, _, tab):
            tab.wait_for("document.querySelector('#collector-rows .good')")
            low = tab.value(LOW_CONTRAST)
            assert low == [], f"{'dark' if dark else 'light'}: {low}"


@case
def the_rules_of_axe_hold_in_every_state(browser):
    for dark, width in ((False, 1280), (True, 1280), (False, 360)):
        with page(browser, change=add_reasons, dark=dark, width=width) as (_, _, tab):
            tab.listen(1.5)
            tab.value("document.querySelector('#samples').open = true")
            state = f"{'dark' if dark else 'light'}, {width} px"
            assert (found := axe.violations(tab)) == [], f"{state}: {found}"
            # With all that can be open, open.
            tab.value("document.querySelector('#stop').click()")
            tab.value("document.querySelector('#copy').click()")
            tab.value("notice('The exporter was restarted.')")
            tab.wait_for("document.querySelector('#copied-state').textContent")
            assert (found := axe.violations(tab)) == [], f"{state}, all open: {found}"
            tab.value("document.querySelector('main').insertAdjacentElement('beforeend', document.createElement('img'))")
            assert any(found.startswith("image-alt") for found in axe.violations(tab)), "axe finds nothing"


@case
def what_was_lost_stays_readable(browser):
    for dark in (False, True):
        with page(browser, dark=dark) as (_, exporter, tab):
            tab.wait_for("document.querySelector('#collector-rows .good')")
            tab.is_expecting_loss = True
            exporter.stop()
            tab.wait_for("!document.querySelector('#lost').hidden")
            state = f"lost, {'dark' if dark else 'light'}"
            assert (low := tab.value(LOW_CONTRAST)) == [], f"{state}: {low}"
            assert (found := axe.violations(tab)) == [], f"{state}: {found}"


@case
def a_phone_needs_no_scrolling_sideways(browser):
    host = "a-host-with-quite-a-long-name.rack-12.example.internal"
    for width in (360, 320, 768):
        with page(browser, host=host, width=width, height=740) as (_, _, tab):
            tab.wait_for("document.querySelector('#collector-rows .good')")
            # The longest words that the cards have.
            tab.wait_for("document.querySelector('.unit').textContent.includes('mean of')", 30)
            assert tab.value(SIDEWAYS) == 0, f"{width} px: {tab.value(SIDEWAYS)} too wide"


@case
def a_desk_needs_none_within_the_tables(browser):
    with page(browser) as (kernel, _, tab):
        kernel.add("sys/devices/system/node/node0/vmstat", pgpromote_success=123_456_789_012)
        tab.wait_for("document.querySelector('#node-rows').textContent.includes('123,456,818,196')")
        wide = tab.value("""[...document.querySelectorAll('.scroll')]
            .filter((table) => table.scrollWidth > table.clientWidth)
            .map((table) => table.getAttribute('aria-labelledby'))""")
        assert wide == [], wide


@case
def the_cards_have_room_for_totals(browser):
    for width in (1280, 1000, 768, 360):
        with page(browser, "--collector.rates.interval=0", width=width) as (kernel, _, tab):
            kernel.add(pgmigrate_success=456_000_000_000_000, pgmigrate_fail=456_000_000_000,
                       thp_migration_success=456_000_000, thp_migration_fail=456_000_000)
            tab.wait_for("document.querySelector('#migrated').textContent === '456T'")
            over = tab.value("""[...document.querySelectorAll('.card, .card *:not(.unseen)')]
                .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0)
                .map((node) => node.id || node.className)""")
            assert over == [], f"{width} px: {over}"


@case
def everything_to_be_used_has_a_name(browser):
    with page(browser) as (_, _, tab):
        nodes = tab.call("Accessibility.getFullAXTree")["nodes"]
        seen = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes
                if not node.get("ignored")]
        used = {"link", "button", "radio", "slider", "table", "columnheader", "rowheader", "region",
                "group", "navigation", "heading", "DisclosureTriangle"}
        nameless = [role for role, name in seen if role in used - {"table", "group"} and not name.strip()]
        assert nameless == [], nameless
        assert [name for role, name in seen if role == "heading"][0] == "db-7.example"
        for role in ("main", "banner", "contentinfo", "status", "slider"):
            assert role in [role for role, _ in seen], f"no {role}"
        assert tab.value("document.querySelectorAll('h1').length") == 1
        assert tab.value("document.documentElement.lang") == "en"
        # What is read aloud is not read each second.
        tab.listen(1)
        said = tab.text("#announced")
        tab.listen(3)
        assert tab.text("#announced") == said


@case
def less_motion_is_given_to_who_asks_for_it(browser):
    with page(browser) as (_, _, tab):
        tab.call("Emulation.setEmulatedMedia",
                 features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
        moving = tab.value("""[...document.querySelectorAll('*')].filter((node) => {
            const style = getComputedStyle(node);
            return style.animationName !== 'none' || style.transitionDuration !== '0s';
        }).map((node) => node.tagName)""")
        assert moving == [], moving
