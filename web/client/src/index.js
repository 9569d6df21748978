import { io } from "./io.js";
import { Manager } from "./manager.js";
import * as text from "./text-packets.js";

Manager.parser = text;

export { io };
