const native = { set: globalThis.setTimeout, clear: globalThis.clearTimeout };

/**
 * The timers that the options ask for: the page's current ones, which a test may have replaced, or those of before.
 * @param {{useNativeTimers?: boolean, autoUnref?: boolean}} options
 */
export function timersFor(options) {
  const now = () => (options.useNativeTimers ? native : { set: globalThis.setTimeout, clear: globalThis.clearTimeout });
  return {
    /** @param {() => void} action @param {number} ms @returns {any} */
    set(action, ms) {
      const timer = now().set.call(globalThis, action, ms);
      if (options.autoUnref) /** @type {any} */ (timer).unref?.();
      return timer;
    },
    /** @param {any} timer */
    clear(timer) {
      now().clear.call(globalThis, timer);
    },
  };
}
