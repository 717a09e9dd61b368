/** Draws the key exchange of ends that are ours again, from their seeds. */
import { type Kem, type KemName, noble, seededRandom } from "../../crypto/index.ts";
import { type Group, groups } from "../../groups/index.ts";
import type { Role } from "../../schedule/index.ts";
import { type Draft, drawnKem } from "./drawn-kem.ts";
import { findByName } from "./end.ts";
import type { HandshakeInputs } from "./format.ts";

/** The KEMs of these groups, that draw as an end of this seed does. */
function kemsOf(seed: string, drawn: readonly Group[], drafts: Draft[]): Kem[] {
  const random = seededRandom(`${seed}, key exchange`);
  return drawn
    .flatMap(({ kems }) => kems)
    .map((kem) => drawnKem(kem as KemName, noble, random, drafts));
}

/** In the order in which they drew it, with the shares that the other end sent. */
export function draftsAgain(
  { seeds, offer }: HandshakeInputs,
  group: Group,
  shares: Readonly<Record<Role, Uint8Array>>,
): Partial<Record<Role, readonly Draft[]>> {
  const drafts: Partial<Record<Role, Draft[]>> = {};
  if (seeds.client !== undefined) {
    const drawn: Draft[] = [];
    drafts.client = drawn;
    const refused = offer.shares
      .filter((name) => name !== group.name)
      .map((name) => findByName("group", groups, name));
    const kems = kemsOf(seeds.client, [...refused, group], drawn);
    const answered = kems.length - group.kems.length;
    const pairs = kems.map((kem) => kem.generate()).slice(answered);
    const lengths = kems.slice(answered).map(({ ciphertextLength }) => ciphertextLength);
    const parts = cut(shares.server, lengths);
    pairs.forEach((pair, index) => pair.decapsulate(parts[index]!));
  }
  if (seeds.server !== undefined) {
    const drawn: Draft[] = [];
    drafts.server = drawn;
    const kems = kemsOf(seeds.server, [group], drawn);
    const lengths = kems.map(({ publicKeyLength }) => publicKeyLength);
    const parts = cut(shares.client, lengths);
    kems.forEach((kem, index) => kem.encapsulate(parts[index]!));
  }
  return drafts;
}

/** What the server draws for a client of the same handshake, both ours, that offers this group alone. */
export function drawAgain({ seeds }: HandshakeInputs, group: Group): readonly Draft[] {
  const drafts: Draft[] = [];
  const offered = kemsOf(seeds.client ?? "", [group], []).map((kem) => kem.generate());
  kemsOf(seeds.server ?? "", [group], drafts).forEach((kem, index) =>
    kem.encapsulate(offered[index]!.publicKey),
  );
  return drafts;
}

/** Pieces of these lengths, from the front. */
function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  let end = 0;
  return lengths.map((length) => bytes.subarray(end, (end += length)));
}
