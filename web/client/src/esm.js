export { io, io as connect, io as default } from "./index.js";
export { Manager } from "./manager.js";
export { Socket } from "./socket.js";
// Names under which the transports may be handed to the option `transports`; polling is done by fetch, whatever the name.
export { Polling as Fetch, Polling as XHR, Polling as NodeXHR } from "./transports/polling.js";
export { WebSocketTransport as WebSocket, WebSocketTransport as NodeWebSocket } from "./transports/websocket.js";
export { WebTransportTransport as WebTransport } from "./transports/webtransport.js";

/** The revision of the Socket.IO protocol. */
export const protocol = 5;
