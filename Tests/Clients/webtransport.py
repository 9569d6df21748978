#!/usr/bin/env python3
"""The browser client over WebTransport, in headless Chromium, against a small server that speaks Engine.IO over HTTP/3.

    webtransport.py

No Socket.IO server that can be had here offers WebTransport; this one knows as much of both protocols as the checks need: it
opens a session, by polling too, joins a namespace, acks `echo` with the event's arguments, sends pings, and ends the session on
`bye`.
"""

import asyncio
import base64
import datetime
import json
import pathlib
import ssl
import tempfile
import threading

from aiohttp import web
from aioquic.asyncio import QuicConnectionProtocol, serve
from aioquic.h3.connection import H3_ALPN, H3Connection
from aioquic.h3.events import HeadersReceived, WebTransportStreamDataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ProtocolNegotiated
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from browser import chromium, page_of
from report import Report

BUNDLE = pathlib.Path(__file__).resolve().parent.parent.parent / "web/client/dist/socket.io.min.js"
DEADLINE = 20.0


def certificate(folder):
    """A certificate as browsers take it by its hash alone: an elliptic key, two weeks at most. Returns files and the hash."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1)).not_valid_after(now + datetime.timedelta(days=10))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return folder / "cert.pem", folder / "key.pem", base64.b64encode(made.fingerprint(hashes.SHA256())).decode()


class Session(QuicConnectionProtocol):
    """One browser: Engine.IO frames in, Engine.IO frames out."""

    requests = []

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.http = None
        self.stream = None
        self.session = None
        self.bytes = b""
        self.attachments = []

    def quic_event_received(self, event):
        if isinstance(event, ProtocolNegotiated):
            self.http = H3Connection(self._quic, enable_webtransport=True)
        if self.http is None:
            return
        for happened in self.http.handle_event(event):
            if isinstance(happened, HeadersReceived):
                self.accept(happened)
            elif isinstance(happened, WebTransportStreamDataReceived):
                self.stream, self.session = happened.stream_id, happened.session_id
                self.receive(happened.data)

    def accept(self, event):
        headers = dict(event.headers)
        Session.requests.append(headers[b":path"].decode())
        self.http.send_headers(event.stream_id, [(b":status", b"200"), (b"sec-webtransport-http3-draft", b"draft02")])
        self.transmit()

    def receive(self, data):
        self.bytes += data
        while self.bytes:
            kind, length, start = self.bytes[0] & 0x80, self.bytes[0] & 0x7F, 1
            if length >= 126:
                size = 2 if length == 126 else 8
                if len(self.bytes) < 1 + size:
                    return
                length, start = int.from_bytes(self.bytes[1:1 + size], "big"), 1 + size
            if len(self.bytes) < start + length:
                return
            frame, self.bytes = self.bytes[start:start + length], self.bytes[start + length:]
            self.binary(frame) if kind else self.text(frame.decode())

    def send(self, payload):
        kind, payload = (0, payload.encode()) if isinstance(payload, str) else (0x80, payload)
        length = len(payload)
        if length < 126:
            header = bytes([kind | length])
        elif length < 65536:
            header = bytes([kind | 126]) + length.to_bytes(2, "big")
        else:
            header = bytes([kind | 127]) + length.to_bytes(8, "big")
        self._quic.send_stream_data(self.stream, header + payload)
        self.transmit()

    def text(self, packet):
        if packet == "0":
            self.send('0{"sid":"secret","upgrades":[],"pingInterval":300,"pingTimeout":5000,"maxPayload":1000000}')
            asyncio.get_running_loop().call_later(0.3, self.send, "2")
        elif packet.startswith("0{"):
            self.sid = json.loads(packet[1:])["sid"]
        elif packet == "2probe":
            self.send("3probe")
            Poller.release(self.sid)
        elif packet == "5":
            waiting = Poller.polls[self.sid]
            while not waiting.empty():
                self.send(waiting.get_nowait())
        elif packet == "40":
            self.send('40{"sid":"known"}')
        elif packet == "3":
            self.send('42["ponged"]')
        elif packet.startswith('42["bye"'):
            self.http._quic.send_stream_data(self.session, b"", end_stream=True)
            self.close()
        elif packet.startswith("42"):
            number, values = packet[2:].split("[", 1)
            self.send(f"43{number}{json.dumps(json.loads('[' + values)[1:])}")
        elif packet.startswith("451-"):
            self.header = packet[4:]

    def binary(self, attachment):
        number, values = self.header.split("[", 1)
        self.send(f"461-{number}{json.dumps(json.loads('[' + values)[1:])}")
        self.send(attachment)


class Poller:
    """The same sessions by polling, as far as it takes to leave it: a handshake, one packet to a poll, what is POSTed."""

    polls = {}

    @classmethod
    def release(cls, sid):
        cls.polls[sid].put_nowait("6")

    @classmethod
    async def get(cls, request):
        sid = request.query.get("sid")
        if sid is None:
            sid = f"polled{len(cls.polls)}"
            cls.polls[sid] = asyncio.Queue()
            upgrades = request.query["offer"].split(",")
            handshake = {"sid": sid, "upgrades": upgrades, "pingInterval": 25000, "pingTimeout": 20000, "maxPayload": 1000000}
            return web.Response(text=f"0{json.dumps(handshake)}")
        if request.headers.get("Upgrade"):
            return web.Response(status=400)
        return web.Response(text=await cls.polls[sid].get())

    @classmethod
    async def post(cls, request):
        for packet in (await request.text()).split("\x1e"):
            if packet == "40":
                cls.polls[request.query["sid"]].put_nowait('40{"sid":"known"}')
            elif packet.startswith("42"):
                number, values = packet[2:].split("[", 1)
                cls.polls[request.query["sid"]].put_nowait(f"43{number}{json.dumps(json.loads('[' + values)[1:])}")
        return web.Response(text="ok")

    @classmethod
    async def serve(cls, port, cert, key):
        app = web.Application()
        app.router.add_get("/socket.io/", cls.get)
        app.router.add_post("/socket.io/", cls.post)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert, key)
        await web.TCPSite(runner, "127.0.0.1", port, ssl_context=context).start()


def start(folder):
    """The server on a thread of its own; returns its port and the certificate's hash."""
    cert, key, fingerprint = certificate(folder)
    configuration = QuicConfiguration(alpn_protocols=H3_ALPN, is_client=False, max_datagram_frame_size=65536)
    configuration.load_cert_chain(cert, key)
    ready, port = threading.Event(), []

    async def run():
        server = await serve("127.0.0.1", 0, configuration=configuration, create_protocol=Session)
        number = server._transport.get_extra_info("sockname")[1]
        await Poller.serve(number, cert, key)
        port.append(number)
        ready.set()
        await asyncio.Event().wait()

    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    if not ready.wait(DEADLINE):
        raise SystemExit("the HTTP/3 server did not start")
    return port[0], fingerprint


CHECKS = """async ({ port, fingerprint }) => {
  const value = Uint8Array.from(atob(fingerprint), (letter) => letter.charCodeAt(0));
  const options = {
    transports: ["webtransport"], reconnection: false, forceNew: true,
    transportOptions: { webtransport: { serverCertificateHashes: [{ algorithm: "sha-256", value }] } },
  };
  const next = (emitter, event) => new Promise((done, fail) => {
    emitter.once(event, (...args) => done(args));
    setTimeout(() => fail(new Error(`no ${event} came`)), 15000);
  });
  const results = {};
  const socket = io(`https://127.0.0.1:${port}`, options);
  const ponged = next(socket, "ponged");
  const first = await Promise.race([next(socket, "connect").then(() => "connected"), next(socket, "connect_error").then(([error]) => error.message)]);
  results["connects"] = first;
  if (first !== "connected") return results;
  results["is on it"] = [socket.io.engine.transport.name, socket.id];
  results["acks"] = await socket.emitWithAck("echo", "zażółć");
  for (const size of [125, 126, 65535, 65536, 300000]) results[`text of ${size}`] = (await socket.emitWithAck("echo", "x".repeat(size))).length;
  for (const size of [0, 126, 70000]) results[`binary of ${size}`] = (await socket.emitWithAck("echo", new Uint8Array(size))).byteLength;
  results["many in order"] = (await Promise.all(Array.from({ length: 200 }, (_, n) => socket.emitWithAck("echo", n)))).every((got, n) => got === n);
  await ponged;
  results["answers pings"] = true;
  const gone = next(socket, "disconnect");
  socket.emit("bye");
  results["is told of the end"] = (await gone)[0];
  const polled = (offer) => io(`https://127.0.0.1:${port}`, { ...options, transports: ["polling", "websocket", "webtransport"], query: { offer } });
  const upgrading = polled("websocket,webtransport");
  const tried = [];
  upgrading.io.engine.on("upgradeError", (error) => tried.push(error.message));
  const echoes = Array.from({ length: 50 }, (_, n) => upgrading.emitWithAck("echo", n));
  await next(upgrading.io.engine, "upgrade");
  for (let n = 50; n < 100; n++) echoes.push(upgrading.emitWithAck("echo", n));
  results["is upgraded to"] = upgrading.io.engine.transport.name;
  results["keeps the order through the upgrade"] = (await Promise.all(echoes)).every((got, n) => got === n);
  results["leaves WebSocket alone then"] = tried;
  upgrading.disconnect();
  delete options.transportOptions;
  const staying = polled("webtransport");
  results["stays on polling when it fails"] = (await next(staying.io.engine, "upgradeError"))[0].message.startsWith("probe error: webtransport error");
  results["and goes on there"] = await staying.emitWithAck("echo", "on polling");
  staying.disconnect();
  const nobody = io("https://127.0.0.1:9", { ...options, timeout: 15000 });
  results["says what failed"] = (await next(nobody, "connect_error"))[0].message;
  return results;
}"""


def main():
    report = Report(client=BUNDLE.name, transports="webtransport")
    expected = {
        "is upgraded to": "webtransport", "keeps the order through the upgrade": True, "leaves WebSocket alone then": [],
        "stays on polling when it fails": True, "and goes on there": "on polling",
        "connects": "connected", "is on it": ["webtransport", "known"], "acks": "zażółć", "many in order": True, "answers pings": True,
        **{f"text of {size}": size for size in [125, 126, 65535, 65536, 300000]},
        **{f"binary of {size}": size for size in [0, 126, 70000]},
    }
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        port, fingerprint = start(pathlib.Path(folder))
        with page_of(browser, f"https://127.0.0.1:{port}", '<!doctype html><script src="client.js"></script>', {"client.js": BUNDLE}, ignore_https_errors=True) as page:
            results = page.evaluate(CHECKS, {"port": port, "fingerprint": fingerprint})
    for check, value in expected.items():
        report.add(check, results.get(check) == value, None if results.get(check) == value else f"expected {value}, got {results.get(check)}")
    ended = results.get("is told of the end")
    report.add("is told of the end", ended in ("transport close", "transport error"), ended)
    failure = str(results.get("says what failed"))
    report.add("says what failed", failure.startswith("webtransport error ("), failure)
    path = Session.requests[0] if Session.requests else ""
    report.add("asks as it should", path.startswith("/socket.io/?EIO=4&transport=webtransport"), path)
    report.close()


if __name__ == "__main__":
    main()
