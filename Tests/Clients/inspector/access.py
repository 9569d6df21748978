"""For those who cannot see the page, or not well: everything that can be used has a name, and colours have contrast."""

from .page import Inspector
from .screens import VIEWS, settle

USED = {"button", "link", "textbox", "combobox", "searchbox", "slider", "listbox", "grid", "checkbox", "tab", "option"}
# Of text, and of what only divides or decorates.
CONTRAST = {"ink": 7, "soft": 4.5, "accent": 4.5, "in": 4.5, "out": 4.5, "ack": 4.5, "wait": 4.5, "bad": 4.5, "faint": 3}


def check(browser, url, report):
    inspector = Inspector(browser, url)
    page = inspector.page
    session = inspector.context.new_cdp_session(page)
    for name, path in {**VIEWS, "detail": "packets?q=event:echo%20dir:in&live=off&packet=1"}.items():
        page.goto(f"{url}/inspect/#/{path}")
        settle(page)
        nameless = [
            node["role"]["value"] for node in session.send("Accessibility.getFullAXTree")["nodes"]
            if not node["ignored"] and node.get("role", {}).get("value") in USED and not node.get("name", {}).get("value", "").strip()
        ]
        report.add(f"everything in {name} has a name", not nameless, error=", ".join(nameless) or None)
    page.keyboard.press("Tab")
    report.add("the focus is seen", page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none")
    inspector.close()
    for scheme in ("light", "dark"):
        inspector = Inspector(browser, url, color_scheme=scheme)
        page = inspector.go("sql")
        page.wait_for_selector("section.view")
        pale = {name: round(ratio, 2) for name, least in CONTRAST.items() if (ratio := contrast(page, name)) < least}
        report.add(f"colours can be told from the ground, {scheme}", not pale, error=str(pale) if pale else None)
        inspector.close()


def contrast(page, name):
    one, other = (luminance(colour(page, key)) for key in (name, "panel"))
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def colour(page, key):
    return page.evaluate("""(key) => {
        const probe = document.body.appendChild(document.createElement("span"));
        probe.style.setProperty("color", `var(--${key})`);
        return getComputedStyle(probe).color.match(/\\d+/g).slice(0, 3).map(Number);
    }""", key)


def luminance(parts):
    """Relative luminance as WCAG defines it."""
    linear = [part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
