/** A secret has an owner who wipes it. */
import { EarlySecret } from "../../../src/schedule/index.ts";
import { bytes, owners, provider } from "./given.ts";

new EarlySecret(provider.hashes.sha256, bytes, owners);
new EarlySecret(provider.hashes.sha256, bytes); // refused: TS2554
