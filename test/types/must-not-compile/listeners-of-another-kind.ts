/** A listener that takes something else than its event brings is a mistake; room for more is none. */
import type { TlsServer, TlsSocket } from "../../../src/node.ts";

declare const socket: TlsSocket;
declare const server: TlsServer;

new Promise((resolve) => socket.once("secureConnect", resolve));
server.on("keylog", (line: Uint8Array) => line.length);
socket.on("an event of the caller's own", (value: string) => value.length);

socket.on("keylog", (line: string) => line); // refused: TS2345
