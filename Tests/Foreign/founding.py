#!/usr/bin/env python3
"""The server half of the recipes of Socket.IO's founding README, on python-socketio: founding.py [--port 0]."""

import argparse
import asyncio
import signal

import socketio
from aiohttp import web

io = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
nicknames = {}


@io.on("connect")
async def connect(sid, environ, auth):
    async def news():
        await io.emit("news", {"hello": "world"}, to=sid)
    io.start_background_task(news)


@io.on("my other event")
async def my_other_event(sid, data):
    print("my other event", data, flush=True)


@io.on("set nickname")
async def set_nickname(sid, name):
    nicknames[sid] = name
    await io.emit("ready", (), to=sid)


@io.on("msg")
async def msg(sid, *ignored):
    print("Chat message by", nicknames.get(sid), flush=True)


@io.on("ferret")
async def ferret(sid, name):
    return "woot"


@io.on("message")
async def message(sid, text):
    await io.send(f"you said {text}", to=sid)


async def serve(port):
    app = web.Application()
    io.attach(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    print(f"Listening on http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await io.shutdown()
    await runner.cleanup()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
