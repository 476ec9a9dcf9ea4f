"""Pictures of the page, to be looked at by a person."""

from cases import case, check_nothing_wrong, is_live
from exporter import ROOT, make_kernel_migrate, serving

FOLDER = ROOT / ".cache/browser"
LOOKS = {
    "light": {}, "dark": {"dark": True}, "phone": {"width": 360, "height": 740, "scale": 2},
    "phone-dark": {"width": 360, "height": 740, "scale": 2, "dark": True},
}


@case
def pictures_are_taken_in_light_and_dark_and_on_a_phone(browser):
    FOLDER.mkdir(parents=True, exist_ok=True)
    with serving() as exporter:
        tabs = {name: browser.open(exporter.page, **look) for name, look in LOOKS.items()}
        for number in range(6):
            make_kernel_migrate(1, mebibytes=32 << (number % 3))
            browser.listen(1.3)
        for name, tab in tabs.items():
            is_live(tab)
            tab.screenshot(FOLDER / f"{name}.png")
            check_nothing_wrong(tab, exporter)
        for name in LOOKS:
            assert (FOLDER / f"{name}.png").stat().st_size > 20_000, name
