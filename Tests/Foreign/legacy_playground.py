#!/usr/bin/env python3
"""The playground app on python-socketio 4: a server of Socket.IO 2, for clients of that revision.

    legacy_playground.py [the flags of playground.py]

The application is playground.py's; here is what that generation of the library does otherwise: a client has one id in all namespaces, a CONNECT
carries no data, and everyone is let into `/` when the connection opens.
"""

import sys

import socketio
from engineio import packet as engine_packet
from socketio import packet

import playground


class Manager(socketio.AsyncManager):
    """The library's own way to send waits for coroutines that are no tasks, which Python has not allowed since 3.11."""

    async def emit(self, event, data, namespace, room=None, skip_sid=None, callback=None, **kwargs):
        for sid in list(self.rooms.get(namespace, {}).get(room, [])):
            if sid != skip_sid:
                ack = None if callback is None else self._generate_ack_id(sid, namespace, callback)
                await self.server._emit_internal(sid, event, data, namespace, ack)


class LegacyServer(socketio.AsyncServer):
    def __init__(self, app, serializer, **options):
        if serializer != "default":
            raise SystemExit("legacy_playground: only the JSON parser is there")
        options.pop("namespaces")  # of this generation all are let in
        super().__init__(client_manager=Manager(), async_mode="aiohttp", async_handlers=False, **options)
        self.playground = app
        playground.read_whole_bodies(self.eio)

    async def _handle_connect(self, sid, namespace):
        namespace = (namespace or "/").partition("?")[0]
        if self.playground.fault == "mute":
            return
        refusal = {"message": "Invalid namespace"} if not self.playground.knows(namespace) else self.playground.refusal(namespace, None)
        if refusal is not None:
            # an ERROR packet carries the text, or an object where there is more to say
            body = refusal.get("data") or refusal["message"]
            return await self._send_packet(sid, packet.Packet(packet.ERROR, data=body, namespace=namespace))
        self.manager.connect(sid, namespace)
        await self._send_packet(sid, packet.Packet(packet.CONNECT, namespace=namespace))
        await self.playground.connected(namespace, sid, None)

    async def _handle_event_internal(self, server, sid, data, namespace, id):
        answer = await self.playground.event(namespace, sid, data[0], data[1:], wants_ack=id is not None)
        if answer is not None and id is not None:
            twice = self.playground.fault == "ack-twice" and data[0] == "message-with-ack"
            for _ in range(2 if twice else 1):
                await self._send_packet(sid, packet.Packet(packet.ACK, namespace=namespace, id=id, data=answer, binary=None))

    async def _handle_eio_disconnect(self, sid):
        await super()._handle_eio_disconnect(sid)
        connection = self.eio.sockets.get(sid)
        if connection is not None and not connection.upgraded:
            connection.queue.put_nowait(engine_packet.Packet(engine_packet.NOOP))

    async def _trigger_event(self, event, namespace, *args):
        if event == "disconnect":
            self.playground.disconnected(namespace, args[0])

    async def enter_room(self, sid, room, namespace=None):
        super().enter_room(sid, room, namespace)

    async def leave_room(self, sid, room, namespace=None):
        super().leave_room(sid, room, namespace)

    def transport(self, sid, namespace=None):
        return super().transport(sid)


class LegacyPlayground(playground.Playground):
    server = LegacyServer

    async def whoami(self, namespace, sid, args, wants_ack):
        """In Socket.IO 2 the ids that a client knows have the namespace before them; the library's have not."""
        [who] = await super().whoami(namespace, sid, args, wants_ack)
        return [{**who, "id": sid if namespace == "/" else f"{namespace}#{sid}"}]

    def members(self, namespace, room):
        return list(self.io.manager.get_participants(namespace, room))

    def connection(self, sid, namespace):
        return sid

    def socket(self, connection, namespace):
        return connection if self.io.manager.is_connected(connection, namespace) else None


if __name__ == "__main__":
    sys.exit(playground.main(LegacyPlayground))
