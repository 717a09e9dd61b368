/** The key schedule is walked in its order: no main secret before the handshake's traffic secrets. */
import { bytes, handshakeSecret } from "./given.ts";

handshakeSecret.traffic(bytes).derived().main();
handshakeSecret.main(); // refused: TS2339
