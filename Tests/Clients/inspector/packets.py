"""Packets: filters, completion, the live tail, the detail, and what can be taken along."""

import json
import time

from .people import EVIL


def check(inspector, report):
    page = inspector.go("packets")
    page.wait_for_selector(".packets .list-room .row")
    inspector.waitForText(".live", "Live")
    text = page.inner_text(".state")
    inspector.waitFor("(text) => document.querySelector('.state').textContent !== text", text)
    report.add("packets: new ones come by themselves", True)

    page.keyboard.press("Space")
    inspector.waitForText(".live", "Paused")
    report.add("packets: the space bar pauses", "live=off" in page.url)

    page.keyboard.press("/")
    page.keyboard.type("ev")
    page.wait_for_selector(".choices li")
    page.keyboard.press("Tab")
    inspector.waitForText(".choices li", "chat message")
    page.keyboard.type("message-w")
    inspector.waitForText(".choices li b", "message-with-ack")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    inspector.waitFor("() => location.hash.includes('message-with-ack')")
    inspector.waitFor("() => [...document.querySelectorAll('.packets .list-room .name')].every((one) => one.textContent.includes('message-with-ack'))")
    report.add("packets: words and names are completed", True)

    filters(inspector, report)
    detail(inspector, report)
    evil(inspector, report)


def rows(inspector, line, **more):
    page = inspector.go("packets", q=line, live="off", **more)
    page.wait_for_selector(".packets .list-room .row, .packets .empty")
    inspector.waitFor("(line) => document.querySelector('.table.packets').dataset.shows === line", line)
    return [row.split("\n") for row in page.locator(".packets .list-room .row").all_inner_texts()]


def settled(inspector, line, wanted):
    """The rows as they are once all are as wanted, for acks come a moment after their packets; as they are in the end if that never is."""
    deadline = time.monotonic() + 10
    while True:
        found = rows(inspector, line)
        if found and all(wanted(row) for row in found) or time.monotonic() > deadline:
            return found


def filters(inspector, report):
    page = inspector.page
    for line, wanted in [
        ('event:"chat message" dir:in', lambda row: "chat message" in row and "→" in row),
        ("ns:/custom", lambda row: any("/custom" in cell for cell in row)),
        ('room:"red room" dir:out', lambda row: "←" in row),
        ("text:nobody", lambda row: any("nobody answers" in cell for cell in row)),
        ("nobody answers", lambda row: any("nobody answers" in cell for cell in row)),
        ("ack:>100ms", lambda row: row[4:] and (row[4] == "…" or row[4].endswith(("\u202fms", "\u202fs")))),
        (f"ack:{inspector.fate()}", lambda row: "question" in row),
    ]:
        found = settled(inspector, line, wanted)
        report.add(f"packets: filter {line}", len(found) > 0 and all(wanted(row) for row in found), error=str(found)[:300])
        page.reload()
        page.wait_for_selector(".packets .list-room .row")
        kept = page.input_value("[data-filter]")
        found = settled(inspector, line, wanted)
        report.add(f"packets: {line} survives a reload", kept == line and all(wanted(row) for row in found), error=f"{kept} {found}"[:300])
    inspector.go("packets", q="dir:up")
    inspector.waitForText(".filter-problem", "in, out")
    report.add("packets: a mistake in the filter is said", True)
    inspector.go("packets", q="event:never", live="off")
    inspector.waitForText(".packets .empty", "Nothing like that")
    report.add("packets: nothing found is said", True)


def detail(inspector, report):
    page = inspector.page
    rows(inspector, "event:echo dir:in")
    page.click(".packets .list-room .row")
    inspector.waitForText(".detail .json", "1234567890123456789")
    report.add("detail: numbers keep their digits", "2.5" in page.inner_text(".detail .json"))
    report.add("detail: the wire form is shown", page.inner_text(".detail .wire").startswith('42') and '["echo",1,2.5,{"order"' in page.inner_text(".detail .wire"))
    report.add("detail: the packet has an address", "packet=" in page.url)
    report.add("detail: the ack stands there with its latency", "after" in page.inner_text(".detail .facts .ack"))
    report.add("copy: JSON", json.loads(inspector.copied("JSON"))["data"][:3] == ["echo", 1, 2.5])
    report.add("copy: SQL", inspector.copied("SQL").startswith("SELECT * FROM packets WHERE id ="))
    report.add("copy: Swift", 'let answer: JSONValue = try await client.emitWithAck("echo", 1, 2.5, [' in inspector.copied("Swift test"))
    report.add("copy: JavaScript", 'await socket.timeout(5000).emitWithAck("echo", 1, 2.5, { order: ' in inspector.copied("JavaScript test"))
    page.click(".detail .json button:has-text('A-1')")
    report.add("copy: a rule for a chosen value", inspector.copied("Rule") == 'ignore:\n  - "echo:$[2].order.items[0].sku"', error=inspector.copied("Rule"))
    page.keyboard.press("Escape")
    page.wait_for_selector(".detail", state="hidden")
    report.add("detail: Escape closes it", "packet=" not in page.url)
    rows(inspector, "event:message-with-ack")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    inspector.waitForText(".detail .hex", "000010  10 11 12 13")
    report.add("detail: attachments as hexadecimal digits", "0123456789" in page.inner_text(".detail .hex"))


def evil(inspector, report):
    page = inspector.page
    for text in EVIL:
        # What is searched is JSON, in which a quotation mark has a backslash before it.
        found = rows(inspector, f"text:{quoted(max(text.split(chr(34)), key=len))} dir:in")
        shown = any(text.replace('"', '\\"') in cell for row in found for cell in row)
        page.click(".packets .list-room .row")
        page.wait_for_selector(".detail .json")
        report.add(f"text stays text: {text}", shown and page.evaluate("window.pwned") is None and page.locator("#view img, #view iframe, #view script").count() == 0, error=None if shown else str(found)[:300])


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
