/** A server that takes a PSK without its binder: what needs none is the server's own proof. */
import { PeerAuthentication, VerifiedFinished } from "../../../src/schedule/index.ts";
import { acceptedClient, bytes, cipher, proof, psk, server, traffic } from "./given.ts";

const binder = { kind: "resumption", transcriptHash: bytes, binder: bytes } as const;
const right = PeerAuthentication.clientByBinder(acceptedClient, psk, binder);
server.readApplicationData(cipher, VerifiedFinished.verify(right, traffic, bytes, bytes));
const alsoRight = PeerAuthentication.byCertificate(acceptedClient, proof);
server.readApplicationData(cipher, VerifiedFinished.verify(alsoRight, traffic, bytes, bytes));

const wrong = PeerAuthentication.serverByPsk(undefined, psk);
server.readApplicationData(cipher, VerifiedFinished.verify(wrong, traffic, bytes, bytes)); // refused: TS2345
