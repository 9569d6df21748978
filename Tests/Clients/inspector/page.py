"""The inspector's page as a test sees it."""

from urllib.parse import quote, urlsplit


class Inspector:
    def __init__(self, browser, url, **options):
        self.url = url
        self.context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
        self.context.grant_permissions(["clipboard-read", "clipboard-write"])
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.errors = []
        self.foreign = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" and "Content Security" in line.text else None)
        self.page.on("request", self.noteRequest)

    def noteRequest(self, request):
        if not request.url.startswith(("data:", "blob:")) and urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.foreign.append(request.url)

    def go(self, path, **query):
        """To a place behind the #, as a link does, or with the whole page if it is not there yet."""
        pairs = "&".join(f"{name}={quote(str(value))}" for name, value in query.items())
        self.page.goto(f"{self.url}/inspect/#/{path}{'?' + pairs if pairs else ''}")
        return self.page

    def waitFor(self, expression, argument=None):
        self.page.wait_for_function(expression, arg=argument)

    def waitForText(self, selector, text):
        self.waitFor("([selector, text]) => [...document.querySelectorAll(selector)].some((one) => one.textContent.includes(text))", [selector, text])

    def copied(self, kind):
        """What a button of the detail puts on the clipboard."""
        self.page.evaluate("navigator.clipboard.writeText('')")
        self.page.click(f"[data-copy='{kind}']")
        self.waitFor("async () => (await navigator.clipboard.readText()) !== ''")
        return self.page.evaluate("navigator.clipboard.readText()")

    def fate(self):
        """What became of Carla's question: lost, or timed out where her leaving took longer than the server's patience."""
        return self.page.evaluate("""async () => {
            for (const status of ['lost', 'timeout']) {
                const found = await (await fetch(`/inspect/api/acks?status=${status}`)).json();
                if (found.items.length > 0) return status;
            }
        }""")

    def close(self):
        self.context.close()
