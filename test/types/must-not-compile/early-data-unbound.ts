/** Early data is read from a client whose binder was right, and by a server. */
import { BoundEarlyData, PeerAuthentication } from "../../../src/schedule/index.ts";
import { acceptedClient, bytes, cipher, psk, secret, server } from "./given.ts";

const binder = { kind: "resumption", transcriptHash: bytes, binder: bytes } as const;
const peer = PeerAuthentication.clientByBinder(acceptedClient, psk, binder);
server.readEarlyData(cipher, BoundEarlyData.of(peer, bytes), 100);
server.readEarlyData(cipher, secret, 100); // refused: TS2739
