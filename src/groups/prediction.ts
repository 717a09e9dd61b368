/** Key-share prediction (draft-ietf-tls-key-share-prediction): the groups that a server announces in DNS. */
import {
  decode,
  DecodeError,
  distinct,
  type Codec,
  uint16,
  type Reader,
  type Writer,
} from "../wire/index.ts";
import type { Group } from "./group.ts";

/** The value of SvcParamKey 9, `tls-supported-groups`: code points to the end, at least one, none twice (§3.1). */
const TlsSupportedGroups: Codec<number[]> = distinct({
  shape: { kind: "rest" },
  read(reader: Reader) {
    if (reader.remaining === 0) throw new DecodeError("the list is empty");
    const codes: number[] = [];
    while (reader.remaining > 0) codes.push(uint16.read(reader));
    return codes;
  },
  write(writer: Writer, codes: number[]) {
    for (const code of codes) uint16.write(writer, code);
  },
});

/**
 * The group to send a share of, if a server announced these: the first that we offer and it has. Our order
 * decides, since DNS may lie; groups that we do not know are passed over, what is offered does not change,
 * and a wrong prediction costs a retry (§3.2). `undefined` where the announcement says nothing to us.
 *
 * @param announced the SvcParamValue, in wire format
 * @throws DecodeError if it is malformed
 */
export function predictShares(
  offered: readonly Group[],
  announced: Uint8Array,
): readonly Group[] | undefined {
  const codes = decode(TlsSupportedGroups, announced);
  const group = offered.find(({ code }) => codes.includes(code));
  return group && [group];
}
