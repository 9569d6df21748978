"""The application under test: a chat on python-socketio. PORT and BROKEN come from the environment."""

import datetime
import os
import uuid

import socketio
from aiohttp import web

io = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
names = {}


@io.on("connect")
async def connect(sid, environ, auth):
    io.start_background_task(io.emit, "auth", auth or {}, to=sid)


@io.on("set nickname")
async def set_nickname(sid, name):
    names[sid] = name
    await io.emit("ready", (), to=sid)
    return True


@io.on("join")
async def join(sid, room):
    await io.enter_room(sid, room)
    return sorted(set(io.rooms(sid)) - {sid})


@io.on("cast")
async def cast(sid, room, *words):
    await io.emit("cast", (room, *words), room=room)


@io.on("chat message")
async def chat_message(sid, text):
    if os.environ.get("BROKEN"):
        text = text.upper()
    at = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    await io.emit("chat message", {"id": uuid.uuid4().hex, "from": names.get(sid, sid), "text": text, "at": at})


async def health(request):
    return web.Response(text="ok\n")


app = web.Application()
app.router.add_get("/health", health)
io.attach(app)

if __name__ == "__main__":
    web.run_app(app, host="127.0.0.1", port=int(os.environ.get("PORT", 4000)), print=None, shutdown_timeout=1)
