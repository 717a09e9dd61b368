/** A listener gets what its event brings: a property that is not there is a mistake. */
import type { HttpsServer, TlsServer, TlsSocket } from "../../../src/node.ts";

declare const socket: TlsSocket;
declare const server: TlsServer;
declare const site: HttpsServer;

socket.on("session", (session) => session.origin?.group).once("anything", () => {});
server.on("secureConnection", (each) => each.negotiated?.group);
site.on("tlsClientError", (error, each) => [error.code, each.servername]);

socket.on("session", (session) => session.orgin); // refused: TS2551
