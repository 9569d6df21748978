import { Emitter } from "./emitter.js";

/** An emitter whose every incoming and outgoing event can be watched, before its own listeners are called. */
export class Watched extends Emitter {
  /** @type {Function[]} */
  #incoming = [];
  /** @type {Function[]} */
  #outgoing = [];

  onAny(listener) {
    this.#incoming.push(listener);
    return this;
  }

  prependAny(listener) {
    this.#incoming.unshift(listener);
    return this;
  }

  offAny(listener) {
    remove(this.#incoming, listener);
    return this;
  }

  listenersAny() {
    return this.#incoming;
  }

  onAnyOutgoing(listener) {
    this.#outgoing.push(listener);
    return this;
  }

  prependAnyOutgoing(listener) {
    this.#outgoing.unshift(listener);
    return this;
  }

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

/** @param {Function[]} listeners @param {Function} [listener] none: all of them */
function remove(listeners, listener) {
  const index = listener ? listeners.indexOf(listener) : 0;
  if (index >= 0) listeners.splice(index, listener ? 1 : listeners.length);
}
