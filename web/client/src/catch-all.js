import { Emitter } from "./emitter.js";

/** @typedef {import("./emitter.js").Listener} Listener */

/** An emitter whose every incoming and outgoing event can be watched, before its own listeners are called. */
export class Watched extends Emitter {
  /** @type {Listener[]} */
  #incoming = [];
  /** @type {Listener[]} */
  #outgoing = [];

  /** @param {Listener} listener */
  onAny(listener) {
    this.#incoming.push(listener);
    return this;
  }

  /** @param {Listener} listener */
  prependAny(listener) {
    this.#incoming.unshift(listener);
    return this;
  }

  /** @param {Listener} [listener] */
  offAny(listener) {
    remove(this.#incoming, listener);
    return this;
  }

  listenersAny() {
    return this.#incoming;
  }

  /** @param {Listener} listener */
  onAnyOutgoing(listener) {
    this.#outgoing.push(listener);
    return this;
  }

  /** @param {Listener} listener */
  prependAnyOutgoing(listener) {
    this.#outgoing.unshift(listener);
    return this;
  }

  /** @param {Listener} [listener] */
  offAnyOutgoing(listener) {
    remove(this.#outgoing, listener);
    return this;
  }

  listenersAnyOutgoing() {
    return this.#outgoing;
  }

  /** @param {any[]} args */
  _tellIncoming(args) {
    for (const listener of this.#incoming.slice()) listener.apply(this, args);
  }

  /** @param {any[]} args */
  _tellOutgoing(args) {
    for (const listener of this.#outgoing.slice()) listener.apply(this, args);
  }
}

/** @param {Listener[]} listeners @param {Listener} [listener] none: all of them */
function remove(listeners, listener) {
  const index = listener ? listeners.indexOf(listener) : 0;
  if (index >= 0) listeners.splice(index, listener ? 1 : listeners.length);
}
