/** A client's PSK without the binder that shows it. */
import { PeerAuthentication } from "../../../src/schedule/index.ts";
import { acceptedClient, bytes, psk } from "./given.ts";

const binder = { kind: "external", transcriptHash: bytes, binder: bytes } as const;
PeerAuthentication.clientByBinder(acceptedClient, psk, binder);
PeerAuthentication.clientByBinder(acceptedClient, psk); // refused: TS2554
