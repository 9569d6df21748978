"""A picture of each view, light and dark, wide and narrow, for a person to look at."""

from .page import Inspector

VIEWS = {
    "timeline": "timeline?at=1&live=off", "clock": "timeline?mode=clock&at=1&live=off", "packets": "packets",
    "sessions": "sessions", "session": "sessions/3", "rooms": "rooms/r1", "acks": "acks", "events": "events", "event": "events/cast",
    "sql": "sql?q=SELECT%20event%2C%20latency_ms%2C%20session_id%2C%20requested_at%20FROM%20acks%20ORDER%20BY%20latency_ms%20DESC%20LIMIT%2040",
    "chart": "sql?as=chart&q=SELECT%20event%2C%20packets_in%2C%20packets_out%20FROM%20event_totals%20ORDER%20BY%202%20DESC%20LIMIT%2012",
    "replay": "replay",
}
SIZES = {"wide": {"width": 1280, "height": 800}, "narrow": {"width": 390, "height": 844}}


def take(browser, url, folder, report):
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        for size, viewport in SIZES.items():
            inspector = Inspector(browser, url, color_scheme=scheme)
            inspector.page.set_viewport_size(viewport)
            for name, path in VIEWS.items():
                page = inspector.page
                page.goto(f"{url}/inspect/#/{path}")
                settle(page)
                page.screenshot(path=folder / f"{name}-{size}-{scheme}.png")
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
                if wide:
                    report.add(f"{name} fits {size}", False, error="the page is wider than the window")
            page.goto(f"{url}/inspect/#/packets?q=event:echo%20dir:in&live=off")
            page.click(".packets .list-room .row .name")
            page.wait_for_selector(".detail .copy")
            settle(page)
            page.screenshot(path=folder / f"detail-{size}-{scheme}.png")
            report.add(f"pictures of all views, {size} and {scheme}", not inspector.errors, error="; ".join(inspector.errors) or None)
            inspector.close()


def settle(page):
    """Until nothing is being asked and two frames were drawn."""
    page.wait_for_function("() => document.querySelector('section.view') && !document.querySelector('#view [aria-busy]')")
    page.evaluate("() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)), 200))")
