"""Two people who chat for a moment, so that there is something to record: people.py URL"""

import asyncio
import sys

import socketio


async def person(name):
    client = socketio.AsyncClient(reconnection=False)
    heard = asyncio.Queue()
    client.on("chat message", heard.put_nowait)
    client.on("cast", lambda *words: heard.put_nowait(words))
    await client.connect(sys.argv[1], auth={"user": name}, transports=["websocket"])
    await client.call("set nickname", name)
    return client, heard


async def main():
    (ann, to_ann), (ben, to_ben) = await person("Ann"), await person("Ben")
    for sender, text in ((ann, "Hello Ben"), (ben, "Hello Ann, shall we meet in the garden?")):
        await sender.emit("chat message", text)
        await asyncio.gather(to_ann.get(), to_ben.get())
    for client in (ann, ben):
        await client.call("join", "garden")
    await ann.emit("cast", ("garden", "I am here"))
    await asyncio.gather(to_ann.get(), to_ben.get())
    for client in (ann, ben):
        await client.disconnect()


asyncio.run(asyncio.wait_for(main(), 30))
