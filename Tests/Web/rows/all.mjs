import address from "./address.mjs";
import faults from "./faults.mjs";
import managers from "./managers.mjs";
import options from "./options.mjs";
import sockets from "./sockets.mjs";

/** One row per feature of section 4 of the behaviour notes, then the faults of the network. */
export const rows = { ...address, ...options, ...sockets, ...managers, ...faults };
