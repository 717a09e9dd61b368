/** What the snippets beside this file have at hand: the parts of a connection that stands before its end. */
import type { Provider } from "../../../src/crypto/index.ts";
import type { Certificate } from "../../../src/identity/index.ts";
import type { Link, RecordCipher } from "../../../src/record/index.ts";
import type {
  AcceptedPeer,
  ApplicationTraffic,
  EarlySecret,
  HandshakeSecret,
  MainSecret,
  PeerQuestion,
  PossessionProof,
  SecretOwners,
  TrafficSecret,
  VerifyPeer,
} from "../../../src/schedule/index.ts";

export declare const provider: Provider;
export declare const chain: readonly Certificate[];
export declare const bytes: Uint8Array;
export declare const owners: SecretOwners;
export declare const cipher: RecordCipher;
export declare const client: Link<"client">;
export declare const server: Link<"server">;
export declare const psk: EarlySecret;
export declare const handshakeSecret: HandshakeSecret;
export declare const main: MainSecret;
export declare const traffic: ApplicationTraffic;
export declare const secret: TrafficSecret;
export declare const proof: PossessionProof;
export declare const verifier: VerifyPeer;
export declare const question: PeerQuestion & { readonly usage: "server" };
export declare const acceptedServer: AcceptedPeer<"server">;
export declare const acceptedClient: AcceptedPeer<"client">;
