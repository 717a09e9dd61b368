import { clientByKem } from "./client.ts";
import { clientByStoredKey } from "./stored-key-client.ts";
import { offerStoredKey, presentEarly, takeStoredKey } from "./stored-key-offer.ts";

/** What a client does in AuthKEM, as a value: a client to which nobody gives it does not load it. */
export const clientAuthKem = {
  offerStoredKey,
  presentEarly,
  takeStoredKey,
  byKem: clientByKem,
  byStoredKey: clientByStoredKey,
};
export type ClientAuthKem = typeof clientAuthKem;
