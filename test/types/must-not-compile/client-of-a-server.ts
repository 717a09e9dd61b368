/** A PSK that stands for a client does not say whom the server is. */
import { PeerAuthentication } from "../../../src/schedule/index.ts";
import { acceptedClient, acceptedServer, psk } from "./given.ts";

PeerAuthentication.serverByPsk(acceptedServer, psk);
PeerAuthentication.serverByPsk(acceptedClient, psk); // refused: TS2345
