#!/usr/bin/env python3
"""The playground app, written on python-socketio: a server that shares no code with the product under test.

    playground.py [--host 127.0.0.1] [--port 0] [--fault NAME] [--list-faults]

Prints `Listening on http://HOST:PORT` when it accepts connections; SIGTERM and SIGINT end it with status 0.
"""

import argparse
import asyncio
import base64
import datetime
import json
import os
import pathlib
import random
import signal
import string
import sys

import socketio
from aiohttp import web
from engineio import packet as engine_packet
from engineio.payload import Payload
from socketio import packet

from faults import FAULTS

QUESTION_TIMEOUT = 5.0
WEB = pathlib.Path(__file__).resolve().parent.parent.parent / "web"
PAGE = {
    "/": "playground/index.html", "/playground/app.js": "playground/app.js", "/playground/style.css": "playground/style.css",
    "/socket.io/socket.io.js": "client/dist/socket.io.js",
}
Payload.max_decode_packets = 10_000  # the library's 16 packets to a POST are fewer than browsers send
NAMESPACES = ["/", "/custom", "/private"]


class Problem(Exception):
    """A wrong argument: answered, never fatal."""


class Person:
    """What the playground keeps about one socket."""

    def __init__(self, auth):
        self.auth = {} if auth is None else auth
        self.nickname = None
        self.questions = set()  # timers of questions still open
        self.held_back = None  # fault order-swapped


class Body:
    """A request's body, all of it: the library takes what has arrived so far for the whole when a body is large."""

    def __init__(self, content):
        self.content = content

    async def read(self, length):
        return await self.content.readexactly(length)


def read_whole_bodies(engine):
    translate = engine._async["translate_request"]

    def translate_request(request):
        environ = translate(request)
        return {**environ, "wsgi.input": Body(environ["wsgi.input"])}

    engine._async = {**engine._async, "translate_request": translate_request}


class Server(socketio.AsyncServer):
    """python-socketio, with the two hooks that its public interface lacks: an event's handler is told whether an ack
    is wanted, and something can be emitted right after the CONNECT packet."""

    def __init__(self, playground, **options):
        super().__init__(async_mode="aiohttp", async_handlers=False, **options)
        self.playground = playground
        read_whole_bodies(self.eio)

    async def _handle_connect(self, eio_sid, namespace, data):
        namespace = namespace or "/"
        if self.playground.fault == "mute":
            return
        if not self.playground.knows(namespace):
            return await self.refuse(eio_sid, namespace, {"message": "Invalid namespace"})
        sid = await self.manager.pre_connect(eio_sid, namespace)
        if sid is None:
            return await self.refuse(eio_sid, namespace, {"message": "Invalid namespace"})
        refusal = self.playground.refusal(namespace, data)
        if refusal is not None:
            await self.refuse(eio_sid, namespace, refusal)
            return await self.manager.disconnect(sid, namespace, ignore_queue=True)
        await self._send_packet(eio_sid, self.packet_class(packet.CONNECT, {"sid": sid}, namespace=namespace))
        await self.manager.connect(sid, namespace)
        await self.playground.connected(namespace, sid, data)

    async def refuse(self, eio_sid, namespace, body):
        await self._send_packet(eio_sid, self.packet_class(packet.CONNECT_ERROR, data=body, namespace=namespace))

    async def _handle_event_internal(self, server, sid, eio_sid, data, namespace, id):
        answer = await self.playground.event(namespace, sid, data[0], data[1:], wants_ack=id is not None)
        if answer is not None and id is not None:
            twice = self.playground.fault == "ack-twice" and data[0] == "message-with-ack"
            for _ in range(2 if twice else 1):
                await self._send_packet(eio_sid, self.packet_class(packet.ACK, namespace=namespace, id=id, data=answer))

    async def _handle_eio_disconnect(self, eio_sid, reason):
        await super()._handle_eio_disconnect(eio_sid, reason)
        # The library would leave the poll of a client that said goodbye open, and browsers open few connections to one host.
        connection = self.eio.sockets.get(eio_sid)
        if connection is not None and not connection.upgraded:
            connection.queue.put_nowait(engine_packet.Packet(engine_packet.NOOP))

    async def _trigger_event(self, event, namespace, *args):
        if event == "disconnect":
            self.playground.disconnected(namespace, args[0])


class Playground:
    server = Server

    def __init__(self, fault=None, serializer="default"):
        self.fault = fault
        self.people = {}  # (namespace, sid) -> Person
        self.tickets = set()
        self.has_echoed = False  # fault ack-changed-once
        self.io = self.server(self, cors_allowed_origins="*", namespaces="*", serializer=serializer)
        self.handlers = {
            "message": self.message, "message-with-ack": self.message_with_ack, "echo": self.echo,
            "join": self.join, "leave": self.leave, "cast": self.cast, "shout": self.shout, "dm": self.dm,
            "chat message": self.chat_message, "set nickname": self.set_nickname, "whoami": self.whoami,
            "ask": self.ask, "ticket": self.ticket, "redeem": self.redeem, "time": self.time, "kick": self.kick,
        }

    # -- connecting ---------------------------------------------------------------------------------------------

    def knows(self, namespace):
        if self.fault == "namespace-missing" and namespace == "/custom":
            return False
        return namespace in NAMESPACES or self.fault == "namespace-open"

    def refusal(self, namespace, auth):
        if namespace != "/private" or self.fault == "refusal-missing":
            return None
        if isinstance(auth, dict) and auth.get("token") == "letmein" and self.fault != "token-refused":
            return None
        if self.fault == "refusal-without-data":
            return {"message": "unauthorized"}
        return {"message": "unauthorized", "data": {"code": 403 if self.fault == "refusal-changed" else 401}}

    async def connected(self, namespace, sid, auth):
        person = self.people[namespace, sid] = Person(auth)
        if self.fault != "auth-missing":
            await self.emit(namespace, sid, "auth", [{} if self.fault == "auth-lost" else person.auth])

    def disconnected(self, namespace, sid):
        person = self.people.pop((namespace, sid), None)
        for timer in person.questions if person else ():
            timer.cancel()

    # -- events -------------------------------------------------------------------------------------------------

    async def event(self, namespace, sid, name, args, wants_ack):
        """The values of the ack, or None if there is none to send."""
        handler = self.handlers.get(name)
        if handler is None or (namespace, sid) not in self.people:
            return None
        if self.fault == "late" and name == "echo":
            await asyncio.sleep(0.3)
        try:
            return await handler(namespace, sid, args, wants_ack)
        except Problem as problem:
            if self.fault == "problem-missing":
                return None
            answer = [{"error": str(problem)}]
            if wants_ack:
                return answer
            await self.emit(namespace, sid, "problem", answer)
            return None

    async def message(self, namespace, sid, args, wants_ack):
        name, values = "message-back", list(args)
        if self.fault == "event-missing":
            return None
        if self.fault == "event-renamed":
            name = "message_back"
        if self.fault == "number-as-string":
            values = change(values, lambda v: str(v) if is_number(v) else v)
        if self.fault == "binary-changed":
            values = change(values, lambda v: v[:-1] + bytes([v[-1] ^ 1]) if isinstance(v, bytes) and v else v)
        if self.fault == "binary-as-text":
            values = change(values, lambda v: base64.b64encode(v).decode() if isinstance(v, bytes) else v)
        if self.fault == "text-trimmed":
            values = change(values, lambda v: v[:-1] if isinstance(v, str) else v)
        if self.fault == "null-dropped":
            values = change(values, lambda v: 0 if v is None else v)
        if self.fault == "argument-dropped":
            values = values[:-1]
        if self.fault == "order-swapped":
            return await self.swap(namespace, sid, name, values)
        if self.fault == "event-moved":
            root = self.socket(self.connection(sid, namespace), "/")
            namespace, sid = ("/", root) if root else (namespace, sid)
        for _ in range(2 if self.fault == "event-doubled" else 1):
            await self.emit(namespace, sid, name, values)
        return None

    async def swap(self, namespace, sid, name, values):
        person = self.people[namespace, sid]
        if person.held_back is None:
            async def later():
                await asyncio.sleep(0.1)
                person.held_back = None
                await self.emit(namespace, sid, name, values)
            person.held_back = (asyncio.ensure_future(later()), values)
            return None
        (timer, first), person.held_back = person.held_back, None
        timer.cancel()
        await self.emit(namespace, sid, name, values)
        await self.emit(namespace, sid, name, first)
        return None

    async def message_with_ack(self, namespace, sid, args, wants_ack):
        return list(args)

    async def echo(self, namespace, sid, args, wants_ack):
        values = list(args)
        if not wants_ack:
            await self.emit(namespace, sid, "echo", values)
            return None
        if self.fault == "ack-missing":
            return None
        if self.fault == "ack-changed" or (self.fault == "ack-changed-once" and not self.has_echoed):
            values = ["changed"] + values[1:]
        self.has_echoed = True
        if self.fault == "ack-extra-argument":
            values.append("extra")
        return values

    async def join(self, namespace, sid, args, wants_ack):
        await self.io.enter_room(sid, self.text(args, "join", "a room"), namespace=namespace)
        if self.fault == "extra-event":
            await self.emit(namespace, sid, "joined", [args[0]])
        return [self.rooms(namespace, sid)]

    async def leave(self, namespace, sid, args, wants_ack):
        room = self.text(args, "leave", "a room")
        if self.fault == "leave-ignored":
            return [[r for r in self.rooms(namespace, sid) if r != room]]
        if room != sid and room in self.io.rooms(sid, namespace=namespace):
            await self.io.leave_room(sid, room, namespace=namespace)
        return [self.rooms(namespace, sid)]

    async def cast(self, namespace, sid, args, wants_ack):
        room = self.text(args, "cast", "a room")
        left_out = None
        if self.fault == "recipient-left-out":
            members = self.members(namespace, room)
            left_out = members[-1] if len(members) > 1 else None
        if self.fault == "sender-left-out":
            left_out = sid
        to = None if self.fault == "wrong-room" else room
        for _ in range(2 if self.fault == "cast-doubled" else 1):
            await self.emit(namespace, to, "cast", args, skip=left_out)

    async def shout(self, namespace, sid, args, wants_ack):
        if self.fault == "shout-missing":
            return
        await self.emit(namespace, None, "shout", args, skip=None if self.fault == "sender-included" else sid)

    async def dm(self, namespace, sid, args, wants_ack):
        receiver = self.text(args, "dm", "the id of a socket")
        values = [receiver if self.fault == "dm-wrong-sender" else sid] + args[1:]
        if self.fault == "dm-to-everyone":
            await self.emit(namespace, None, "dm", values, skip=sid)
        elif self.fault == "dm-missing":
            return
        elif (namespace, receiver) not in self.people:
            raise Problem(f"dm: no socket has the id '{receiver}'")
        else:
            await self.emit(namespace, receiver, "dm", values)

    async def chat_message(self, namespace, sid, args, wants_ack):
        text = self.text(args, "chat message", "a text")
        nickname = None if self.fault == "nickname-ignored" else self.people[namespace, sid].nickname
        message = {"id": sid, "from": nickname or sid, "text": text, "at": now()}
        if self.fault == "field-renamed":
            message["body"] = message.pop("text")
        if self.fault == "field-missing":
            del message["from"]
        if self.fault == "field-added":
            message["edited"] = False
        if self.fault == "value-changed":
            message["text"] = text.upper()
        await self.emit(namespace, None, "chat message", [message])

    async def set_nickname(self, namespace, sid, args, wants_ack):
        self.people[namespace, sid].nickname = self.text(args, "set nickname", "a name")
        if self.fault != "ready-missing":
            await self.emit(namespace, sid, "ready", [])
        return [self.fault != "nickname-unconfirmed"]

    async def whoami(self, namespace, sid, args, wants_ack):
        person = self.people[namespace, sid]
        return [{
            "id": sid, "nickname": None if self.fault == "whoami-forgets" else person.nickname, "namespace": namespace,
            "transport": self.io.transport(sid, namespace=namespace),
            "rooms": self.rooms(namespace, sid), "auth": person.auth,
        }]

    async def ask(self, namespace, sid, args, wants_ack):
        person = self.people[namespace, sid]

        async def unanswered():
            await asyncio.sleep(QUESTION_TIMEOUT)
            person.questions.discard(timer)
            await self.emit(namespace, sid, "unanswered", [])

        async def answered(*values):
            if timer in person.questions:
                person.questions.discard(timer)
                timer.cancel()
                values = ["changed", *values[1:]] if self.fault == "answer-changed" else list(values)
                await self.emit(namespace, sid, "answer", values)

        timer = asyncio.ensure_future(unanswered())
        person.questions.add(timer)
        if self.fault == "question-without-ack":
            await self.emit(namespace, sid, "question", args)
        elif self.fault != "question-unasked":
            await self.io.emit("question", tuple(args), to=sid, namespace=namespace, callback=answered)

    async def ticket(self, namespace, sid, args, wants_ack):
        ticket = "abcdefgh12345678" if self.fault == "ticket-constant" else letters(16)
        self.tickets.add(ticket)
        return [ticket]

    async def redeem(self, namespace, sid, args, wants_ack):
        ticket = self.text(args, "redeem", "a ticket")
        good = ticket in self.tickets
        if self.fault != "ticket-reusable":
            self.tickets.discard(ticket)
        return [good and self.fault != "ticket-refused"]

    async def time(self, namespace, sid, args, wants_ack):
        if self.fault == "disconnect-unasked":
            asyncio.get_running_loop().call_soon(
                lambda: asyncio.ensure_future(self.io.disconnect(sid, namespace=namespace)))
        return [{"at": 1_700_000_000 if self.fault == "time-as-number" else now()}]

    async def kick(self, namespace, sid, args, wants_ack):
        if self.fault == "crash":
            os._exit(1)
        if self.fault == "connection-dropped":
            await self.io.eio.disconnect(self.connection(sid, namespace))
        elif self.fault != "disconnect-missing":
            await self.io.disconnect(sid, namespace=namespace)

    # -- common -------------------------------------------------------------------------------------------------

    async def emit(self, namespace, to, name, values, skip=None):
        await self.io.emit(name, tuple(values), to=to, skip_sid=skip, namespace=namespace)

    def members(self, namespace, room):
        return [member for member, _ in self.io.manager.get_participants(namespace, room)]

    def connection(self, sid, namespace):
        """The Engine.IO id of a socket."""
        return self.io.manager.eio_sid_from_sid(sid, namespace)

    def socket(self, connection, namespace):
        """The id of a connection's socket in a namespace, None if it has none."""
        return self.io.manager.sid_from_eio_sid(connection, namespace)

    def rooms(self, namespace, sid):
        rooms = sorted(room for room in self.io.rooms(sid, namespace=namespace) if room != sid)
        return rooms[::-1] if self.fault == "rooms-unsorted" else rooms

    @staticmethod
    def text(args, event, what):
        if not args or not isinstance(args[0], str) or args[0] == "":
            raise Problem(f"{event}: argument 1 must be {what}, as a string that is not empty")
        return args[0]


def letters(count):
    return "".join(random.SystemRandom().choices(string.ascii_letters, k=count))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def change(value, edit):
    """The value with `edit` applied to each leaf."""
    if isinstance(value, list):
        return [change(element, edit) for element in value]
    if isinstance(value, dict):
        return {key: change(element, edit) for key, element in value.items()}
    return edit(value)


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def serve(options, application):
    playground = application(options.fault, "default" if options.parser == "json" else options.parser)
    engine = playground.io.eio
    engine.ping_interval, engine.ping_timeout = options.ping_interval / 1000, options.ping_timeout / 1000
    app = web.Application()
    playground.io.attach(app)
    for path, file in PAGE.items():
        app.router.add_get(path, lambda _, file=file: web.FileResponse(WEB / file))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, options.host, options.port)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    print(f"Listening on http://{options.host}:{port}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    if hasattr(playground.io, "shutdown"):  # not in python-socketio 4
        await playground.io.shutdown()
    await runner.cleanup()


def main(application=Playground):
    parser = argparse.ArgumentParser(description="The playground app on python-socketio.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--ping-interval", type=int, default=25_000, help="milliseconds")
    parser.add_argument("--ping-timeout", type=int, default=20_000, help="milliseconds")
    parser.add_argument("--parser", default="json", choices=["json", "msgpack"])
    parser.add_argument("--fault", choices=sorted(FAULTS), metavar="NAME", help="do one thing wrong; see --list-faults")
    parser.add_argument("--list-faults", action="store_true", help="print the faults as JSON")
    options = parser.parse_args()
    if options.list_faults:
        json.dump(FAULTS, sys.stdout, indent=2)
        print()
        return
    asyncio.run(serve(options, application))


if __name__ == "__main__":
    main()
