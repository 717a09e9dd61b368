/** Whether a signature is right is not for the caller to say: the accepted key decides. */
import { PeerAuthentication } from "../../../src/schedule/index.ts";
import { acceptedServer, bytes, provider } from "./given.ts";

const signed = { transcriptHash: bytes, signature: bytes, algorithm: "ed25519", provider } as const;
PeerAuthentication.byCertificate(acceptedServer, signed);
PeerAuthentication.byCertificate(acceptedServer, { ...signed, verify: () => true }); // refused: TS2353
