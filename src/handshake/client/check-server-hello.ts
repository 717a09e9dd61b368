/** What a client checks in ServerHello and HelloRetryRequest (RFC 9846 §4.2.3, §4.2.4) beside their extensions. */
import type { Suite } from "../../crypto/index.ts";
import {
  checkPlaceOfOwn,
  checkSelectedVersion,
  checkSolicited,
  illegal,
  isSolicited,
} from "../../extensions/index.ts";
import type { HelloRetryRequest, ServerHello } from "../../messages/index.ts";
import { CipherSuite, nameOf } from "../../registry/index.ts";
import { equal } from "../../wire/index.ts";
import type { ClientConfig } from "../config.ts";
import type { Offer } from "./offer.ts";

/** What was offered, as far as an answer is held to it. */
type Offered = Pick<Offer, "sessionId"> & { readonly hello: Pick<Offer["hello"], "extensions"> };
/** What whoever reads the answer knows. */
type Known<S> = Pick<ClientConfig, "tolerateLegacyVersion" | "extensions"> & {
  readonly suites: readonly S[];
};

/** The fields that both kinds share. Returns the suite. */
export function checkHello<S extends Pick<Suite, "code">>(
  type: "server_hello" | "hello_retry_request",
  hello: ServerHello | HelloRetryRequest,
  offer: Offered,
  config: Known<S>,
): S {
  const at = (field: string): string => `${type}.${field}`;
  checkSelectedVersion(type, hello, config);
  // §4.2.3: the session id is echoed
  if (!equal(hello.legacySessionIdEcho, offer.sessionId)) {
    throw illegal("the session id is not echoed", at("legacySessionIdEcho"), "RFC 9846 §4.2.3");
  }
  // §4.2.3: no compression
  if (hello.legacyCompressionMethod !== 0) {
    throw illegal(
      "a compression method was chosen",
      at("legacyCompressionMethod"),
      "RFC 9846 §4.2.3",
    );
  }
  // §4.2.3: one of the suites that were offered
  const suite = config.suites.find((entry) => entry.code === hello.cipherSuite);
  if (suite === undefined) {
    const name = nameOf(CipherSuite, hello.cipherSuite);
    throw illegal(
      "a cipher suite that was not offered",
      at("cipherSuite"),
      "RFC 9846 §4.2.3",
      name,
    );
  }
  checkPlaceOfOwn(config.extensions, type, hello.extensions);
  // §4.2.4: a cookie is the server's own idea; everything else is an answer
  checkSolicited(
    type,
    hello.extensions,
    (name) => name === "cookie" || isSolicited(name, offer.hello.extensions),
  );
  return suite;
}

/** §4.2.4, §4.3.8: the second answer keeps to the first. */
export function checkAfterRetry(suite: Pick<Suite, "name">, retried: Pick<Suite, "name">): void {
  if (suite === retried) return;
  const where = "server_hello.cipherSuite";
  throw illegal("the suite changed after the retry", where, "RFC 9846 §4.2.4", suite.name);
}
