/** @typedef {{args: any[], flags: object, tries: number, pending: boolean}} Entry */

/** The option `retries`: events go out one at a time, each sent again until it is acknowledged or was tried often enough. */
export class OutgoingQueue {
  /** @type {Entry[]} */
  #entries = [];

  /** @param {any} socket @param {number} retries */
  constructor(socket, retries) {
    this.socket = socket;
    this.retries = retries;
  }

  /** @param {any[]} args The event's name and arguments, perhaps with an ack. @param {object} flags */
  add(args, flags) {
    const ack = typeof args.at(-1) === "function" ? args.pop() : undefined;
    const entry = { args, flags: { ...flags, fromQueue: true }, tries: 0, pending: false };
    const settle = (/** @type {Error | null} */ error, /** @type {any[]} */ ...values) => {
      if (entry !== this.#entries[0]) return; // answered before; this is the answer to another try
      entry.pending = false;
      if (!error || entry.tries > this.retries) {
        this.#entries.shift();
        if (error) ack?.(error);
        else ack?.(null, ...values);
      }
      this.drain();
    };
    settle.withError = true;
    args.push(settle);
    this.#entries.push(entry);
    this.drain();
  }

  /** @param {boolean} [again] Whether the entry under way is to be sent once more: the connection that it went out on is gone. */
  drain(again = false) {
    const entry = this.#entries[0];
    if (!this.socket.connected || !entry || (entry.pending && !again)) return;
    entry.pending = true;
    entry.tries++;
    this.socket.flags = entry.flags;
    this.socket.emit(...entry.args);
  }
}
