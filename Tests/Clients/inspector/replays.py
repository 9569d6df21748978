"""Replay: a report that is opened, and a recorded replay beside its tape."""

from .page import Inspector
from .people import Traffic
from .screens import SIZES, settle
from .servers import foreign, run, tapedeck


def check(browser, executable, folder, screenshots, report):
    tape, again, file = (str(folder / name) for name in ("first.tape", "again.tape", "report.json"))
    with tapedeck(executable, "serve", "--tape", tape, "--redact-nothing") as url, Traffic(url):
        pass
    with foreign("recipient-left-out") as url:
        status = run(executable, "replay", tape, url, "--json", file, "--record", again)
    report.add("replay: there is something to show", status == 1, error=str(status))
    with tapedeck(executable, "inspect", tape) as url:
        inspector = Inspector(browser, url)
        page = inspector.go("replay")
        inspector.waitForText(".drop", "tapedeck replay")
        page.set_input_files("input[type=file]", file)
        page.wait_for_selector(".finding")
        report.add("replay: the verdict and the findings of a report", "It went apart" in page.inner_text(".verdict-bar") and "First" in page.inner_text(".finding-list"))
        page.click(".finding:has-text('chat message')")
        inspector.waitForText(".differences", "$[0].at")
        report.add("replay: differences side by side", page.locator(".differences td.then").count() > 0 and page.locator(".differences td.now").count() > 0)
        pictures(page, screenshots, "report")
        page.locator(".finding").first.click()
        inspector.waitFor("() => !location.hash.includes('finding=')")
        page.keyboard.press("j")
        inspector.waitFor("() => location.hash.includes('finding=1')")
        page.reload()
        page.wait_for_selector(".finding[aria-current=true]")
        report.add("replay: a reload keeps the report and the finding", "finding=1" in page.url)
        page.click("a:has-text('The packet on this tape')")
        page.wait_for_selector(".detail:not([hidden]) .json")
        report.add("replay: a finding leads to its packet", "packets" in page.url)
        inspector.close()
    with tapedeck(executable, "inspect", again) as url:
        inspector = Inspector(browser, url)
        inspector.go("replay")
        inspector.waitForText(".drop", "--beside")
        report.add("replay: a recorded replay says how it is opened beside its tape", True)
        inspector.close()
    with tapedeck(executable, "inspect", again, "--beside", tape) as url:
        inspector = Inspector(browser, url)
        page = inspector.go("replay")
        page.wait_for_selector(".pairs tr.missing")
        report.add("replay: two tapes side by side, the first divergence first", "cast" in page.inner_text(".pairs tr.missing") and "carla" in page.inner_text(".finding[aria-current=true]"))
        report.add("replay: what is the same is folded", "the same" in page.inner_text(".pairs"))
        pictures(page, screenshots, "beside")
        report.add("replay: no errors", not inspector.errors, error="; ".join(inspector.errors) or None)
        inspector.close()


def pictures(page, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        for size, viewport in reversed(SIZES.items()):
            page.set_viewport_size(viewport)
            settle(page)
            page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
