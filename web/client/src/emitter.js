/** @typedef {((...args: any[]) => void) & {listener?: Function}} Listener */

/**
 * Events by name, with the method names that browser code of the last twenty years has used.
 * Listeners are called in the order of their registration, on a copy: one that removes itself disturbs nobody.
 */
export class Emitter {
  /** @type {Map<string, Listener[]>} */
  #listeners = new Map();

  /** @param {string} event @param {Listener} listener */
  on(event, listener) {
    const list = this.#listeners.get(event);
    if (list) list.push(listener);
    else this.#listeners.set(event, [listener]);
    return this;
  }

  /** @param {string} event @param {Listener} listener */
  once(event, listener) {
    /** @type {Listener} */
    const wrapper = (...args) => {
      this.off(event, wrapper);
      listener.apply(this, args);
    };
    wrapper.listener = listener;
    return this.on(event, wrapper);
  }

  /**
   * Removes one listener, all of an event, or all.
   * @param {string} [event]
   * @param {Listener} [listener]
   */
  off(event, listener) {
    if (event === undefined) this.#listeners.clear();
    else if (listener === undefined) this.#listeners.delete(event);
    else {
      const list = this.#listeners.get(event) ?? [];
      const index = list.findIndex((each) => each === listener || each.listener === listener);
      if (index >= 0) list.splice(index, 1);
      if (list.length === 0) this.#listeners.delete(event);
    }
    return this;
  }

  /**
   * Calls the listeners here; a Socket's own `emit` sends to the server instead.
   * @param {string} event
   * @param {...any} args
   */
  emitReserved(event, ...args) {
    for (const listener of this.listeners(event).slice()) listener.apply(this, args);
    return this;
  }

  /** @param {string} event @param {...any} args @returns {any} */
  emit(event, ...args) {
    return this.emitReserved(event, ...args);
  }

  /** @param {string} event @returns {Listener[]} */
  listeners(event) {
    return this.#listeners.get(event) ?? [];
  }

  /** @param {string} event */
  hasListeners(event) {
    return this.listeners(event).length > 0;
  }

  /** @param {string} event @param {Listener} listener */
  addEventListener(event, listener) {
    return this.on(event, listener);
  }

  /** @param {string} [event] @param {Listener} [listener] */
  removeListener(event, listener) {
    return this.off(event, listener);
  }

  /** @param {string} [event] @param {Listener} [listener] */
  removeEventListener(event, listener) {
    return this.off(event, listener);
  }

  /** @param {string} [event] */
  removeAllListeners(event) {
    return this.off(event);
  }
}

/**
 * Listens, and gives back what ends it.
 * @param {Emitter} emitter
 * @param {string} event
 * @param {Listener} listener
 */
export function listen(emitter, event, listener) {
  emitter.on(event, listener);
  return () => void emitter.off(event, listener);
}
