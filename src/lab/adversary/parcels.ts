/** What the adversary can send, from what a scenario writes and from what was seen. */
import { headerLength, type MessageType } from "../../messages/index.ts";
import { recordHeaderLength } from "../../record/index.ts";
import { AlertDescription, AlertLevel, ContentType, HandshakeType } from "../../registry/index.ts";
import { buildMessage, bytesOf, ScenarioError } from "./edit.ts";
import {
  describeStep,
  type Parcel,
  type Place,
  type Step,
  type Unit,
  type UnitName,
} from "./step.ts";

export type Sendable =
  | { readonly kind: "message"; readonly raw: Uint8Array; readonly sizes?: readonly number[] }
  | {
      readonly kind: "record";
      readonly type: number;
      readonly content: Uint8Array;
      readonly trailer?: Uint8Array | undefined;
    }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** What has been sent: on this connection, and on one before. */
export interface Sightings {
  readonly seen: readonly Unit[];
  readonly earlier: readonly Unit[];
}

/** The same content, wrapped as its kind wants it. */
export function sendableOf({ name, raw }: Unit): Sendable {
  if (name === "sealed") return { kind: "bytes", bytes: raw };
  if (isMessage(name)) return { kind: "message", raw };
  return { kind: "record", type: ContentType[name as keyof typeof ContentType], content: raw };
}

/** @throws ScenarioError */
export function sendablesOf(parcel: Parcel, { seen, earlier }: Sightings): Sendable[] {
  if ("message" in parcel) {
    return [{ kind: "message", raw: buildMessage(parcel.message, parcel.body) }];
  }
  if ("alert" in parcel) {
    const isWarning = parcel.alert === "close_notify" || parcel.alert === "user_canceled";
    const content = Uint8Array.of(
      AlertLevel[isWarning ? "warning" : "fatal"],
      AlertDescription[parcel.alert],
    );
    return [{ kind: "record", type: ContentType.alert, content }];
  }
  if ("bytes" in parcel) return [{ kind: "bytes", bytes: hex(parcel.bytes) }];
  if ("earlier" in parcel) return [sendableOf(findUnit(parcel.earlier, earlier))];
  if ("seen" in parcel) return [sendableOf(findUnit(parcel.seen, seen))];
  const type = typeof parcel.record === "number" ? parcel.record : ContentType[parcel.record];
  const trailer = parcel.trailer === undefined ? undefined : hex(parcel.trailer);
  const record = { kind: "record", type, content: hex(parcel.content), trailer } as const;
  return Array.from({ length: parcel.times ?? 1 }, () => record);
}

const messageNames: Readonly<Record<string, unknown>> = {
  ...HandshakeType,
  hello_retry_request: 2,
};

export const isMessage = (name: UnitName): name is MessageType => name in messageNames;

export function asMessage(name: UnitName, step: Step): MessageType {
  if (isMessage(name)) return name;
  throw new ScenarioError(
    `${describeStep(step)}: ${name} has no fields; change its bytes with flip`,
  );
}

export const hex = (value: string | Uint8Array): Uint8Array => {
  const bytes = bytesOf(value);
  if (bytes === undefined) throw new ScenarioError(`${JSON.stringify(value)} is not hexadecimal`);
  return bytes;
};

/** A message's length follows, unless it is to lie. */
export function shortened(
  unit: Unit,
  { by, keepLength }: NonNullable<Step["truncate"]>,
): Uint8Array {
  if (by > unit.raw.length) throw new ScenarioError(`${unit.name} has no ${by} bytes to take off`);
  const copy = unit.raw.slice(0, unit.raw.length - by);
  if (unit.name === "sealed" && (keepLength || copy.length < recordHeaderLength)) return copy;
  if (unit.name === "sealed") {
    const length = copy.length - recordHeaderLength;
    copy.set([length >> 8, length & 0xff], 3);
  } else if (isMessage(unit.name) && !keepLength && copy.length >= headerLength) {
    const length = copy.length - headerLength;
    copy.set([length >> 16, (length >> 8) & 0xff, length & 0xff], 1);
  }
  return copy;
}

export function findUnit({ from, on, nth = 1 }: Place, among: readonly Unit[]): Unit {
  const unit = among.filter((each) => each.from === from && each.name === on)[Number(nth) - 1];
  if (unit === undefined) {
    throw new ScenarioError(
      `there was no ${on}${nth === 1 ? "" : ` ${nth}`} of the ${from} to take`,
    );
  }
  return unit;
}
