/** Checks of what is asked of an authority: each refuses when it is called, and before anything is written. */
import * as option from "../identity/certificate/option-checks.ts";
import * as check from "../registry/check.ts";
import { isName } from "./choose.ts";
import type { KeyPlace, Signing } from "./signing.ts";

export { duration } from "./duration.ts";

/** It becomes the name of a folder. */
export const name: check.Check = (value, where) => {
  check.text(value, where);
  if (isName(value as string)) return;
  throw new RangeError(
    `${where}: ${JSON.stringify(value)} cannot be a name; write letters, digits, dots and hyphens, at most 63`,
  );
};

/** The beginning of a hash, or all of it. */
export const digits =
  (least: number): check.Check =>
  (value, where) => {
    check.text(value, where);
    if (new RegExp(`^[0-9a-f]{${least},64}$`).test(value as string)) return;
    const range = least === 64 ? "64" : `${least} to 64`;
    throw new RangeError(
      `${where} must be ${range} hexadecimal digits, not ${JSON.stringify(value)}`,
    );
  };

export const entry = check.like("an entry: pki.current(name)", "serial", "name", "issuer");
export const request = check.like("a request: parseCsr(…)", "der", "publicKey", "requested");

/** Of {@link KeyPlace}. */
export const keyPlaceTable = {
  keyUri: check.text,
  newPassphrase: check.text,
} satisfies check.OptionTable<KeyPlace>;

const signingTable = check.complete(
  {
    provider: option.provider,
    passphrase: check.text,
    remoteKeys: check.like("TokenKeys, or one of your own", "find", "make"),
  } satisfies check.OptionTable<Signing>,
  "write { provider }",
  ["provider"],
);

/** @throws TypeError, RangeError for what `who` was called with, or what is to sign it */
export function checkAsked(
  who: string,
  terms: { readonly given: unknown; readonly check: check.Check },
  signing: Signing,
): void {
  terms.check(terms.given, who);
  signingTable(signing, `${who}: signing`);
}
