"""People at the playground whose conversation fills a tape: what they say first is always the same, then one of them talks on."""

import asyncio
import threading

import socketio

# What must never be more than text in the page.
EVIL = [
    "<img src=x onerror=\"window.pwned=1\">",
    "<script>window.pwned=1</script>",
    "\"><svg onload=window.pwned=1>",
    "javascript:window.pwned=1",
    "{{constructor.constructor('window.pwned=1')()}}",
    "</textarea></pre><iframe srcdoc=\"<script>parent.pwned=1</script>\">",
    "' onmouseover='window.pwned=1",
    "<b>bold?</b>",
]
DEEP = {"order": {"items": [{"sku": "A-1", "price": 12.5}, {"sku": "B-2", "price": 1234567890123456789}], "note": None, "gift": True}}


class Person:
    def __init__(self, url, name, transports):
        self.url, self.name, self.transports = url, name, transports
        self.socket = socketio.AsyncClient(reconnection=False)
        self.socket.on("*", lambda *arguments: None)

    async def arrive(self, *namespaces):
        await self.socket.connect(
            self.url, transports=self.transports, namespaces=list(namespaces or ["/"]), auth={"user": self.name}, wait_timeout=30)
        if not self.transports:
            while self.socket.eio.current_transport != "websocket":
                await asyncio.sleep(0.01)
        await self.ask("set nickname", self.name)
        return self

    async def ask(self, event, data=None, namespace="/"):
        return await self.socket.call(event, data, namespace=namespace, timeout=30)

    async def say(self, event, data=None):
        await self.socket.emit(event, data)

    def answers_after(self, seconds):
        self.asked = asyncio.Event()

        async def answer(*arguments):
            self.asked.set()
            await asyncio.sleep(seconds)
            return arguments[0] if arguments else None

        self.socket.on("question", answer)


async def conversation(url):
    """Ann on WebSocket, Bob upgraded, Carla on long-polling; Bob is kicked, Carla goes without answering. Ann stays."""
    ann = await Person(url, "ann", ["websocket"]).arrive("/", "/custom")
    bob = await Person(url, "bob", None).arrive()
    carla = await Person(url, "carla", ["polling"]).arrive()
    bob.answers_after(0.15)
    carla.answers_after(3600)
    for person in (ann, bob, carla):
        await person.ask("join", "r1")
    await bob.ask("join", "red room")
    for text in EVIL:
        await ann.say("chat message", text)
    await ann.say(EVIL[0], EVIL[2])
    await ann.ask("echo", (1, 2.5, DEEP))
    await ann.ask("message-with-ack", bytes(range(64)))
    await ann.socket.emit("message", "in another namespace", namespace="/custom")
    await ann.say("cast", ("r1", {"from": "ann", "text": "hello"}))
    await bob.say("ask", {"sure": True})
    await asyncio.sleep(0.4)  # Bob's answer takes its time: that is the slow ack
    await carla.ask("leave", "r1")
    await carla.say("ask", "nobody answers")
    await carla.asked.wait()
    # The library forgets what it has to say when it is told to go while a POST is under way.
    await carla.socket.eio.queue.join()
    await carla.socket.disconnect()
    await bob.say("kick")
    while bob.socket.connected:
        await asyncio.sleep(0.02)
    return ann


class Traffic:
    """The conversation, and then Ann, who talks until it is stopped."""

    def __init__(self, url):
        self.url = url
        self.isOver = threading.Event()
        self.hasBegun = threading.Event()
        self.error = None
        self.thread = threading.Thread(target=lambda: asyncio.run(self.go()), daemon=True)

    async def go(self):
        try:
            ann = await conversation(self.url)
            self.hasBegun.set()
            number = 0
            while not self.isOver.is_set() and ann.socket.connected:
                number += 1
                await ann.say("chat message", f"line {number}")
                if number % 5 == 0:
                    await ann.ask("time")
                await asyncio.sleep(0.05)
            if ann.socket.connected:
                await ann.socket.disconnect()
        except Exception as error:  # told to the test, which waits for the beginning
            self.error = error
            self.hasBegun.set()

    def __enter__(self):
        self.thread.start()
        self.hasBegun.wait(120)
        if self.error:
            raise self.error
        return self

    def __exit__(self, *_):
        self.isOver.set()
        self.thread.join(30)
