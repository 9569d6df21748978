#!/usr/bin/env python3
"""python-socketio's asynchronous client against a playground server.

    client.py URL [--transports polling --transports websocket --transports polling,websocket] [--only TEXT]
"""

import argparse
import asyncio
import functools
import inspect
import re
import uuid

import socketio
from engineio.payload import Payload

from report import Report

NAMESPACES = ["/", "/custom", "/private", "/no-such-namespace"]
DEADLINE = 10
CHECKS = {}
Payload.max_decode_packets = 1000  # the library's own limit of 16 to a poll is below what servers send


def check(function):
    CHECKS[function.__name__.replace("_", " ")] = function
    return function


class Failure(Exception):
    pass


class Client:
    """One connection with what it has heard: (namespace, event) -> list of argument lists."""

    def __init__(self):
        self.io = socketio.AsyncClient(reconnection=False)
        self.heard = {}
        self.changed = asyncio.Event()
        for namespace in NAMESPACES:
            self.io.on("*", functools.partial(self._hear, namespace), namespace=namespace)
            for event in ("connect_error", "disconnect"):
                self.io.on(event, functools.partial(self._hear, namespace, event), namespace=namespace)

    def _hear(self, namespace, event, *args):
        self.heard.setdefault((namespace, event), []).append(list(args))
        self.changed.set()

    def events(self, event, namespace="/"):
        return self.heard.setdefault((namespace, event), [])

    async def next(self, event, namespace="/", count=1):
        """The first `count` occurrences of the event that were not taken yet."""
        try:
            async with asyncio.timeout(DEADLINE):
                while len(self.events(event, namespace)) < count:
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise Failure(f"waited in vain for {event}; heard {self.heard}") from None
        taken = self.heard[namespace, event][:count]
        del self.heard[namespace, event][:count]
        return taken[0] if count == 1 else taken

    async def all(self, event, *args, namespace="/"):
        """Every value of the ack."""
        answer = asyncio.get_running_loop().create_future()
        await self.io.emit(event, tuple(args), namespace=namespace, callback=lambda *values: answer.set_result(list(values)))
        try:
            return await asyncio.wait_for(answer, DEADLINE)
        except TimeoutError:
            raise Failure(f"waited in vain for the ack of {event}") from None

    async def ask(self, event, *args, namespace="/"):
        return (await self.all(event, *args, namespace=namespace))[0]

    async def emit(self, event, *args, namespace="/"):
        await self.io.emit(event, tuple(args), namespace=namespace)

    def id(self, namespace="/"):
        return self.io.get_sid(namespace)


class Tools:
    def __init__(self, url, transports):
        self.url, self.transports, self.clients = url, transports, []

    async def client(self, *namespaces, auth=None, prepare=None):
        client = Client()
        if prepare:
            prepare(client)
        self.clients.append(client)
        await client.io.connect(
            self.url, transports=self.transports, namespaces=list(namespaces or ["/"]), auth=auth, wait_timeout=DEADLINE)
        return client

    async def crowd(self, count):
        return await asyncio.gather(*(self.client() for _ in range(count)))

    async def close(self):
        for client in self.clients:
            # The library forgets its goodbye if the answer to a POST is still out, and would then wait for the next ping.
            try:
                await asyncio.wait_for(client.io.shutdown(), 1)
            except TimeoutError:
                await client.io.eio.http.close()


def equal(got, expected):
    if got != expected or repr(got) != repr(expected):
        raise Failure(f"expected {expected!r:.300}, got {got!r:.300}")


@check
async def connects_and_receives_the_auth_event(t):
    client = await t.client(auth={"user": "ann", "n": 1})
    equal(await client.next("auth"), [{"user": "ann", "n": 1}])
    client = await t.client()
    equal(await client.next("auth"), [{}])


@check
async def ends_on_the_transport_that_was_asked_for(t):
    client = await t.client()
    equal(client.io.transport(), t.transports[-1])
    me = await client.ask("whoami")
    expected = {"id": client.id(), "nickname": None, "namespace": "/", "transport": t.transports[-1], "rooms": [], "auth": {}}
    equal(dict(sorted(me.items())), dict(sorted(expected.items())))


@check
async def sends_and_receives_events_with_several_arguments(t):
    client = await t.client()
    for values in ([1, "two", {"three": [3, None, True, False], "nested": {"deep": [[[]]]}}, 4.5, -0.25, "", [], {}],
                   [], [None], [9007199254740993, -9223372036854775808]):
        await client.emit("message", *values)
        equal(await client.next("message-back"), values)


@check
async def carries_every_kind_of_text(t):
    client = await t.client()
    texts = ["zażółć gęślą jaźń", "日本語", "👩‍👩‍👧‍👦 🇨🇭", "e\u0301", 'quote " backslash \\', "\0\1\x1e\n\r\t", "\u2028", '42["x"]']
    await client.emit("message", *texts)
    equal(await client.next("message-back"), texts)
    equal(await client.all("echo", *texts), texts)


@check
async def receives_acks(t):
    client = await t.client()
    equal(await client.all("message-with-ack", 1, "2", {"3": [False]}), [1, "2", {"3": [False]}])
    equal(await client.all("message-with-ack"), [])
    equal(await client.all("echo", None), [None])
    equal(await client.io.call("echo", "woot", timeout=DEADLINE), "woot")
    equal(await asyncio.gather(*(client.ask("echo", i) for i in range(50))), list(range(50)))
    await client.emit("echo", "no ack", 5)
    equal(await client.next("echo"), ["no ack", 5])


@check
async def answers_acks_that_the_server_asks_for(t):
    def prepare(client):
        client.io.on("question", lambda *args: ("life", {"is": 42}, b"\x05\x06", list(args)))
    client = await t.client(prepare=prepare)
    await client.emit("ask", "what", 7, b"\x01")
    equal(await client.next("answer"), ["life", {"is": 42}, b"\x05\x06", ["what", 7, b"\x01"]])


@check
async def sends_and_receives_binary(t):
    client = await t.client()
    deep = ["a", {"b": [b"\x01", {"c": b"\x02\x02"}], "d": None}, b"", 3, bytes(range(256))]
    await client.emit("message", *deep)
    equal(await client.next("message-back"), deep)
    await client.emit("message", "text after binary")
    equal(await client.next("message-back"), ["text after binary"])
    equal(await client.all("message-with-ack", *deep), deep)


@check
async def joins_rooms_casts_to_them_and_leaves_them(t):
    a, b, c = await t.crowd(3)
    room, other = f"r-{uuid.uuid4()}", f"s-{uuid.uuid4()}"
    equal(await a.ask("join", other), [other])
    equal(await a.ask("join", room), [room, other])
    equal(await b.ask("join", room), [room])
    await c.emit("cast", room, "one", b"\x01", {"two": 2})
    for client in (a, b):
        equal(await client.next("cast"), [room, "one", b"\x01", {"two": 2}])
    equal(await b.ask("leave", room), [])
    await a.emit("cast", room, "two")
    equal(await a.next("cast"), [room, "two"])
    await b.ask("echo", "flush")
    await c.ask("echo", "flush")
    equal([b.events("cast"), c.events("cast")], [[], []])
    for client in (a, b, c):
        equal(sorted({event for _, event in client.heard} - {"shout", "chat message"}), ["auth", "cast"])


@check
async def shouts_and_sends_to_one(t):
    a, b, c = await t.crowd(3)
    word = str(uuid.uuid4())
    await a.emit("shout", word, 1)
    for client in (b, c):
        while (shout := await client.next("shout"))[0] != word:
            pass
        equal(shout, [word, 1])
    await a.emit("dm", b.id(), "psst", b"\x01")
    equal(await b.next("dm"), [a.id(), "psst", b"\x01"])
    await c.ask("echo", "flush")
    equal([a.events("dm"), c.events("dm")], [[], []])
    await a.ask("echo", "flush")
    equal([args for args in a.events("shout") if args[0] == word], [])


@check
async def chats_under_a_nickname(t):
    a, b = await t.crowd(2)
    word = str(uuid.uuid4())
    equal(await a.ask("set nickname", "Zoë"), True)
    equal(await a.next("ready"), [])
    await a.emit("chat message", word)
    for client in (a, b):
        while (message := (await client.next("chat message"))[0])["text"] != word:
            pass
        equal([sorted(message), message["from"]], [["at", "from", "id", "text"], "Zoë"])


@check
async def redeems_a_ticket_once(t):
    client = await t.client()
    ticket = await client.ask("ticket")
    equal(bool(re.fullmatch("[A-Za-z]{16}", ticket)), True)
    equal([await client.ask("redeem", ticket), await client.ask("redeem", ticket)], [True, False])
    equal(sorted(await client.ask("time")), ["at"])
    equal(await client.ask("echo", "still here"), "still here")


@check
async def is_told_of_a_wrong_argument_and_goes_on(t):
    client = await t.client()
    equal(sorted(await client.ask("join")), ["error"])
    await client.emit("cast")
    equal(sorted((await client.next("problem"))[0]), ["error"])
    equal(await client.ask("echo", "still here"), "still here")


@check
async def uses_two_namespaces_over_one_connection(t):
    client = await t.client("/", "/custom")
    equal(client.id() != client.id("/custom"), True)
    equal((await client.ask("whoami", namespace="/custom"))["namespace"], "/custom")
    await client.emit("message", "only here", b"\x01", namespace="/custom")
    equal(await client.next("message-back", "/custom"), ["only here", b"\x01"])
    await client.ask("echo", "flush")
    equal(client.events("message-back"), [])


@check
async def is_refused_at_private_without_the_token(t):
    clients = []
    try:
        await t.client("/private", prepare=clients.append)
        raise Failure("was let in")
    except socketio.exceptions.ConnectionError:
        pass
    equal(await clients[0].next("connect_error", "/private"), [{"message": "unauthorized", "data": {"code": 401}}])


@check
async def is_let_into_private_with_the_token(t):
    client = await t.client("/private", auth={"token": "letmein"})
    equal(await client.next("auth", "/private"), [{"token": "letmein"}])
    equal(await client.ask("echo", 1, namespace="/private"), 1)


@check
async def is_told_that_a_namespace_does_not_exist(t):
    clients = []
    try:
        await t.client("/no-such-namespace", prepare=clients.append)
        raise Failure("was let in")
    except socketio.exceptions.ConnectionError:
        pass
    equal(await clients[0].next("connect_error", "/no-such-namespace"), [{"message": "Invalid namespace"}])


@check
async def learns_that_the_server_kicked_it(t):
    client = await t.client()
    await client.emit("kick")
    equal(await client.next("disconnect"), ["server disconnect"])


@check
async def carries_200_kB_of_text_and_of_binary(t):
    client = await t.client()
    text = ("Größe " * 32_000)[:180_000]
    equal(await client.ask("echo", text) == text, True)
    data = bytes((i * 7) & 255 for i in range(200_000))
    await client.emit("message", data)
    equal(await client.next("message-back") == [data], True)


@check
async def keeps_200_events_in_order(t):
    client = await t.client()
    for i in range(200):
        await client.emit("message", i, *([bytes([i])] if i % 3 == 0 else []))
    heard = await client.next("message-back", count=200)
    equal([args[0] for args in heard], list(range(200)))


async def run(options):
    report = Report(client="python-socketio")
    for transports in options.transports or ["polling", "websocket", "polling,websocket"]:
        for name, function in CHECKS.items():
            if options.only and options.only not in name:
                continue
            tools = Tools(options.url, transports.split(","))
            try:
                await function(tools)
                report.add(name, True, transports=transports)
            except Exception as error:
                report.add(name, False, str(error) or repr(error), transports=transports)
            await tools.close()
    report.close()


def main():
    parser = argparse.ArgumentParser(description=inspect.cleandoc(__doc__).splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--transports", action="append", help="repeatable; default: each one alone, then the upgrade")
    parser.add_argument("--only", help="checks whose name contains this")
    asyncio.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
