import { io } from "./io.js";
import { Manager } from "./manager.js";
import * as messagePack from "./message-pack-packets.js";

Manager.parser = messagePack;

export default io;
