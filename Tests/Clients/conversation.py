#!/usr/bin/env python3
"""Two people on python-socketio who say the same each time, so that a mock of the playground can answer.

    conversation.py URL [--transports polling,websocket] [--hello TEXT] [--deadline SECONDS]

Whatever an id is: it is taken from what the server says.
"""

import argparse
import asyncio

import socketio

from report import Report


class Person:
    def __init__(self, name, deadline):
        self.name, self.deadline = name, deadline
        self.client = socketio.AsyncClient(reconnection=False)
        self.heard = asyncio.Queue()
        self.client.on("*", self.hear)
        self.client.on("question", lambda *arguments: ("my answer", *arguments))

    async def hear(self, event, *arguments):
        await self.heard.put([event, *arguments])

    async def come(self, url, transports):
        await self.client.connect(url, auth={"user": self.name}, transports=transports, wait_timeout=self.deadline)
        return await self.next() == ["auth", {"user": self.name}]

    async def next(self):
        return await asyncio.wait_for(self.heard.get(), self.deadline)

    async def say(self, *packet):
        await self.client.emit(packet[0], packet[1:] or None)

    async def ask(self, *packet):
        return await self.client.call(packet[0], packet[1:] or None, timeout=self.deadline)


async def converse(options, check):
    url, transports, hello = options.url, options.transports.split(","), options.hello
    ann, bob = (Person(name, options.deadline) for name in ("ann", "bob"))
    for person in (ann, bob):
        check(f"{person.name} is greeted", await person.come(url, transports))
    check("an ack", await ann.ask("echo", hello, 7) == (hello, 7))
    picture = bytes(range(256))
    check("binary in an ack", await bob.ask("echo", picture, {"also": picture}) == (picture, {"also": picture}))
    await ann.say("message", 1, "zwei", [3.5, None, True])
    check("an event", await ann.next() == ["message-back", 1, "zwei", [3.5, None, True]])
    check("a room", await ann.ask("join", "garden") == ["garden"] and await bob.ask("join", "garden") == ["garden"])
    await bob.say("cast", "garden", "for both")
    for person in (ann, bob):
        check(f"a broadcast to {person.name}", await person.next() == ["cast", "garden", "for both"])
    me = (await ann.ask("whoami"))["id"]
    check("an id of this run", me == ann.client.get_sid("/"))
    await bob.say("dm", me, "psst")
    check("an id in both directions", await ann.next() == ["dm", bob.client.get_sid("/"), "psst"])
    ticket = await ann.ask("ticket")
    check("a value that the server made", await bob.ask("redeem", ticket) is True and await bob.ask("redeem", ticket) is False)
    await bob.say("ask", "how?")
    check("the server's question", await bob.next() == ["answer", "my answer", "how?"])
    await ann.say("kick")
    while ann.client.connected:
        await asyncio.sleep(0.01)
    check("the server ends it", True)
    await bob.client.disconnect()


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("--transports", default="polling,websocket")
    parser.add_argument("--hello", default="hello")
    parser.add_argument("--deadline", type=float, default=10)
    options = parser.parse_args()
    report = Report(client="python-socketio")
    try:
        await asyncio.wait_for(converse(options, report.add), 4 * options.deadline)
    except Exception as error:
        report.add("the conversation", False, repr(error))
    report.close()


if __name__ == "__main__":
    asyncio.run(main())
