/** Whether a signature is right is not for the caller to say: the accepted key decides. */
import { PeerAuthentication } from "../../../src/schedule/index.ts";
import { acceptedServer, bytes, provider } from "./given.ts";

const algorithm = provider.signatures.ed25519;
const signed = { transcriptHash: bytes, signature: bytes, algorithm };
PeerAuthentication.byCertificate(acceptedServer, signed);
PeerAuthentication.byCertificate(acceptedServer, { ...signed, verify: () => true }); // refused: TS2353
