"""What comes from outside: the server goes and comes back, asks for a token, holds nothing yet, or serves another site's page."""

from .page import Inspector
from .people import Traffic
from .servers import tapedeck


def check(browser, executable, folder, report):
    outage(browser, executable, folder, report)
    token(browser, executable, folder, report)


def outage(browser, executable, folder, report):
    tape = str(folder / "outage.tape")
    inspector = None
    with tapedeck(executable, "serve", "--tape", tape) as url:
        port = url.rsplit(":", 1)[1]
        inspector = Inspector(browser, url)
        inspector.go("packets")
        inspector.waitForText(".empty", "Nothing recorded yet")
        report.add("an empty tape says what to do", "playground" in inspector.page.inner_text(".empty"))
        with Traffic(url):
            inspector.page.wait_for_selector(".packets .list-room .row")
            report.add("the first packets appear by themselves", True)
    inspector.page.wait_for_selector("#outage:not([hidden])")
    report.add("an outage is said, and what was there stays", inspector.page.locator(".packets .list-room .row").count() > 0)
    with tapedeck(executable, "serve", "--tape", tape, port=port) as url:
        inspector.page.wait_for_selector("#outage", state="hidden")
        before = inspector.page.inner_text(".packets .state")
        with Traffic(url):
            inspector.waitFor("(before) => document.querySelector('.packets .state').textContent !== before", before)
        report.add("it mends by itself, the live tail too", True)
        report.add("no errors after an outage", not inspector.errors, error="; ".join(inspector.errors) or None)
        inspector.close()


def token(browser, executable, folder, report):
    with tapedeck(executable, "serve", "--tape", str(folder / "token.tape"), "--inspect-token", "sesame") as url, Traffic(url):
        inspector = Inspector(browser, url)
        page = inspector.go("packets")
        page.wait_for_selector("dialog.token[open]")
        page.fill("#token", "wrong")
        page.keyboard.press("Enter")
        page.wait_for_selector("dialog.token[open]")
        inspector.waitFor("() => document.querySelector('dialog.token[open] input')?.value === ''")
        report.add("a wrong token is asked for again", page.locator(".packets .list-room .row").count() == 0)
        page.fill("#token", "sesame")
        page.keyboard.press("Enter")
        page.wait_for_selector(".packets .list-room .row")
        before = page.inner_text(".state")
        inspector.waitFor("(before) => document.querySelector('.state').textContent !== before", before)
        report.add("with the token everything is there, the live tail too", True)
        page.reload()
        page.wait_for_selector(".packets .list-room .row")
        report.add("the token is asked for once", page.locator("dialog.token").count() == 0)
        inspector.close()
