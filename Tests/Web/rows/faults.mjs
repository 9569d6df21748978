// The network and the server fail, in every way that they do: what an app is told, and that it comes back with nothing lost that could be kept.

const kinds = [["polling"], ["websocket"], ["polling", "websocket"]];

const rows = {
  async "an offline machine ends the connection at once, and an online one connects at once"(t) {
    if (!t.offline) return "skipped: there is no page that could be offline";
    const socket = await t.connected(t.socket("/", { reconnectionDelay: 60_000, reconnectionDelayMax: 60_000 }));
    const gone = t.next(socket, "disconnect");
    await t.offline(true);
    const [reason, details] = await gone;
    t.equal([reason, details.description], ["transport close", "network connection lost"]);
    await t.offline(false);
    await t.connected(socket); // long before the minute is over
  },
  async "a server that refuses connections is an error with its address, and each attempt is told"(t) {
    await t.breakConnections();
    const socket = t.socket("/", { transports: ["polling"] });
    const errors = t.collect(socket, "connect_error");
    await t.until(() => errors.length >= 3, "three attempts");
    t.ok(errors[0][0].message.includes(`no answer from ${new URL(t.url).host}`), errors[0][0].message);
    await t.order("accept");
    await t.connected(socket);
  },
};

for (const transports of kinds) {
  const by = `over ${transports.join(" and then ")}`;
  const last = transports.at(-1);
  Object.assign(rows, {
    async [`a server killed and started again: the same socket goes on, what was emitted meanwhile arrives, ${by}`](t) {
      const socket = await t.on(t.socket("/", { transports }), last);
      const { id } = socket;
      const gone = t.next(socket, "disconnect");
      await t.order("kill");
      await gone;
      socket.emit("message", "while it was down");
      const answered = socket.emitWithAck("echo", "with an ack");
      const heard = t.next(socket, "message-back");
      await t.order("start");
      t.equal(await heard, ["while it was down"]);
      t.equal(await t.within(answered, "the ack"), "with an ack");
      t.ok(socket.id !== id, "a new id");
    },
    async [`a connection cut in the middle of traffic: the order stays, nothing comes twice, ${by}`](t) {
      const socket = await t.on(t.socket("/", { transports }), last);
      const heard = t.collect(socket, "message-back");
      for (let n = 0; n < 50; n++) socket.emit("message", n);
      await t.until(() => heard.length > 0, "the first answer");
      const gone = t.next(socket, "disconnect");
      await t.breakConnections();
      await gone;
      await t.order("accept");
      for (let n = 50; n < 100; n++) socket.emit("message", n);
      await t.until(() => heard.at(-1)?.[0] === 99, "the last answer");
      const numbers = heard.map(([n]) => n);
      t.equal(numbers, [...new Set(numbers)].sort((a, b) => a - b));
      t.equal(numbers.slice(-50), Array.from({ length: 50 }, (_, n) => 50 + n));
    },
    async [`a slow network: later, but all of it and in order, ${by}`](t) {
      await t.order("slow");
      const socket = await t.connected(t.socket("/", { transports }));
      const heard = t.collect(socket, "message-back");
      for (let n = 0; n < 40; n++) socket.emit("message", n);
      await t.until(() => heard.length === 40, "all answers");
      t.equal(heard.map(([n]) => n), Array.from({ length: 40 }, (_, n) => n));
      await t.until(() => socket.io.engine.transport.name === last, last);
    },
    async [`a half-open connection: the heartbeat finds it, ${by}`](t) {
      const socket = await t.on(t.socket("/", { transports }), last);
      const gone = t.next(socket, "disconnect");
      await t.order("stall");
      socket.emit("message", "into the void");
      t.equal((await gone)[0], "ping timeout");
      await t.order("cut");
      await t.order("resume");
      await t.connected(socket);
      t.equal(await t.ack(socket, "echo", "back"), ["back"]);
    },
  });
}

export default rows;
