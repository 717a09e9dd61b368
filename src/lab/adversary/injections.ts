/** What the adversary can send, from what a scenario writes and from what was seen. */
import { headerLength, type MessageType } from "../../messages/index.ts";
import { recordHeaderLength } from "../../record/index.ts";
import { AlertDescription, AlertLevel, ContentType, HandshakeType } from "../../registry/index.ts";
import { buildMessage, bytesOf, ScenarioError } from "./edit.ts";
import {
  describeStep,
  type Injection,
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
export function sendablesOf(injection: Injection, { seen, earlier }: Sightings): Sendable[] {
  if ("message" in injection) {
    return [{ kind: "message", raw: buildMessage(injection.message, injection.body) }];
  }
  if ("alert" in injection) {
    const isWarning = injection.alert === "close_notify" || injection.alert === "user_canceled";
    const content = Uint8Array.of(
      AlertLevel[isWarning ? "warning" : "fatal"],
      AlertDescription[injection.alert],
    );
    return [{ kind: "record", type: ContentType.alert, content }];
  }
  if ("bytes" in injection) return [{ kind: "bytes", bytes: hex(injection.bytes) }];
  if ("earlier" in injection) return [sendableOf(findUnit(injection.earlier, earlier))];
  if ("seen" in injection) return [sendableOf(findUnit(injection.seen, seen))];
  const type =
    typeof injection.record === "number" ? injection.record : ContentType[injection.record];
  const trailer = injection.trailer === undefined ? undefined : hex(injection.trailer);
  const record = { kind: "record", type, content: hex(injection.content), trailer } as const;
  return Array.from({ length: injection.times ?? 1 }, () => record);
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
