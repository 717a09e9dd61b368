/** Records that whoever has the keys of an end can make: pieces, padding, types, floods; and which of them no end may take. */
import { defaultLimits, maxFragment } from "../../record/index.ts";
import { ContentType } from "../../registry/index.ts";
import { concat, toHex } from "../../wire/index.ts";
import { hex, isMessage } from "./injections.ts";
import type { Draws, Tried } from "./mutate.ts";
import type { Injection, Step, Unit, UnitName } from "./step.ts";

/** A record as its receiver has it, and how often it comes. */
interface Made {
  /** Inside, where it is encrypted; `undefined` for nothing but zeros. */
  readonly type: number | undefined;
  readonly content: Uint8Array;
  /** Content, type and padding, in bytes. */
  readonly inner: number;
  readonly isProtected: boolean;
  readonly times: number;
}

export interface RecordRule {
  readonly what: string;
  readonly section: string;
  readonly isBroken: (record: Made) => boolean;
}

const { alert, application_data, change_cipher_spec, handshake } = ContentType;
const known: readonly (number | undefined)[] = [
  alert,
  application_data,
  change_cipher_spec,
  handshake,
];

/** What a record must not be, wherever it stands. */
export const recordRules: readonly RecordRule[] = [
  {
    what: "zeros without a type",
    section: "RFC 9846 §5.4",
    isBroken: ({ type }) => type === undefined,
  },
  {
    what: "an unknown type",
    section: "RFC 9846 §5",
    isBroken: ({ type }) => !known.includes(type),
  },
  {
    what: "a change_cipher_spec that is encrypted, or not the one byte",
    section: "RFC 9846 §5",
    isBroken: ({ type, content, isProtected }) =>
      type === change_cipher_spec && (isProtected || content.length !== 1 || content[0] !== 1),
  },
  {
    what: "more change_cipher_specs than anybody needs",
    section: "RFC 9846 §5",
    isBroken: ({ type, times }) =>
      type === change_cipher_spec && times > defaultLimits.changeCipherSpecs,
  },
  {
    what: "an alert that is not two bytes",
    section: "RFC 9846 §5.1",
    isBroken: ({ type, content }) => type === alert && content.length !== 2,
  },
  {
    what: "a piece of a message without content",
    section: "RFC 9846 §5.1",
    isBroken: ({ type, content }) => type === handshake && content.length === 0,
  },
  {
    what: "more empty data than anybody needs",
    section: "RFC 9846 §5.1",
    isBroken: ({ type, content, times }) =>
      type === application_data && content.length === 0 && times > defaultLimits.emptyRecords,
  },
  {
    what: "more than a record may have",
    section: "RFC 9846 §5.2",
    isBroken: ({ content, inner }) => content.length > maxFragment || inner > maxFragment + 1,
  },
];

/** The rule that a record breaks which is put in. */
export function brokenRule(injection: Injection): RecordRule | undefined {
  if (!("record" in injection)) return undefined;
  const { record, times = 1 } = injection;
  const outer = typeof record === "number" ? record : ContentType[record];
  const trailer = injection.trailer === undefined ? Uint8Array.of(outer) : hex(injection.trailer);
  const whole = concat(hex(injection.content), trailer);
  const end = whole.findLastIndex((byte) => byte !== 0);
  const made: Made = {
    type: whole[end],
    content: whole.subarray(0, Math.max(0, end)),
    inner: whole.length,
    isProtected: injection.trailer !== undefined,
    times,
  };
  return recordRules.find(({ isBroken }) => isBroken(made));
}

type Action = Omit<Step, "from" | "on" | "nth">;

const oneOf = <T>(values: readonly T[], roll: Draws): T => values[roll(values.length)]!;
const zeros = (length: number): string => "00".repeat(length);
/** One or two, or too many. */
const often = (roll: Draws): number => oneOf([1, 2, 6, 40], roll);
const typeOf = ({ name }: Unit) =>
  isMessage(name) || name === "sealed" ? ("handshake" as const) : name;
const code = (unit: Unit): string => toHex(Uint8Array.of(ContentType[typeOf(unit)]));
const before = (...injections: Injection[]): Action => ({ before: injections });
const beside = (roll: Draws, ...injections: Injection[]): Action =>
  roll(2) === 0 ? { before: injections } : { after: injections };
const instead = (unit: Unit, trailer: string): Action => ({
  instead: [{ record: typeOf(unit), content: toHex(unit.raw), trailer }],
});

/** Not what is in the clear, where there is no padding, and not what changes the keys behind it. */
const notPadded: readonly UnitName[] = [
  "sealed",
  "change_cipher_spec",
  "client_hello",
  "server_hello",
  "hello_retry_request",
  "key_update",
];
const mayBePadded = ({ name }: Unit): boolean => !notPadded.includes(name);

interface Way {
  readonly suits?: (unit: Unit) => boolean;
  readonly make: (unit: Unit, roll: Draws) => Action;
}

const isSplittable = ({ name, raw }: Unit): boolean => isMessage(name) && raw.length > 1;

/** All that is done to records. */
const ways = {
  pieces: {
    suits: isSplittable,
    make: ({ raw }, roll) => ({ split: [1 + roll(raw.length - 1)] }),
  },
  "byte by byte": {
    suits: isSplittable,
    make: ({ raw }) => ({ split: Array.from({ length: Math.min(raw.length - 1, 40) }, () => 1) }),
  },
  joined: { suits: ({ name }) => isMessage(name), make: () => ({ join: true }) },
  padded: {
    suits: mayBePadded,
    make: (unit, roll) => instead(unit, `${code(unit)}${zeros(1 + roll(300))}`),
  },
  "padded as far as it goes": {
    suits: mayBePadded,
    make: (unit) => instead(unit, `${code(unit)}${zeros(maxFragment - unit.raw.length)}`),
  },
  "padded too far": {
    suits: mayBePadded,
    make: (unit) => instead(unit, `${code(unit)}${zeros(maxFragment + 1 - unit.raw.length)}`),
  },
  "too long": {
    make: (unit) => before({ record: typeOf(unit), content: zeros(maxFragment + 1) }),
  },
  empty: {
    make: (_, roll) =>
      beside(roll, { record: oneOf(["handshake", "alert"] as const, roll), content: "" }),
  },
  "empty data": {
    make: (_, roll) =>
      beside(roll, { record: "application_data", content: "", times: often(roll) }),
  },
  data: {
    make: (_, roll) =>
      beside(roll, {
        record: "application_data",
        content: zeros(oneOf([1, 99, 1999, 3000], roll)),
      }),
  },
  "zeros alone": {
    make: (_, roll) =>
      beside(roll, { record: "application_data", content: "", trailer: zeros(1 + roll(8)) }),
  },
  "another type inside": {
    make: (_, roll) =>
      beside(roll, {
        record: "application_data",
        content: oneOf(["00", "01"], roll),
        trailer: oneOf(["14", "18", "63", "ff"], roll),
      }),
  },
  "another type outside": {
    make: (_, roll) =>
      beside(roll, { bytes: `${oneOf(["00", "13", "18", "ff"], roll)}0303000100` }),
  },
  "in the clear": {
    make: (_, roll) =>
      beside(roll, {
        bytes: oneOf(
          ["15030300020100", "15030300020228", "160303000400000000", "170303000100"],
          roll,
        ),
      }),
  },
  change_cipher_spec: {
    make: (_, roll) =>
      beside(roll, {
        record: "change_cipher_spec",
        content: oneOf(["01", "01", "02", "0101", ""], roll),
        times: often(roll),
      }),
  },
  alert: {
    make: (_, roll) =>
      beside(roll, {
        record: "alert",
        content: oneOf(
          ["", "02", "015a", "015a", "015a0100", "0100", "0128", "0228", "02ff"],
          roll,
        ),
        times: often(roll),
      }),
  },
  "half a message": {
    make: (_, roll) =>
      beside(roll, { record: "handshake", content: oneOf(["18", "180000", "0400002000"], roll) }),
  },
  "a message without end": {
    make: (_, roll) =>
      before({ record: "handshake", content: `${oneOf(["0b", "14", "18"], roll)}7fffff00` }),
  },
  "a message of another time": {
    make: ({ from }, roll) => {
      const strays: readonly Injection[] = [
        { message: "key_update", body: { requestUpdate: roll(2) } },
        { message: "new_session_ticket", body: ticket },
        { message: "certificate_request", body: request },
        { seen: { from, on: "finished" } },
        { seen: { from: "client", on: "client_hello" } },
        { record: "handshake", content: "00000000" },
      ];
      const stray = oneOf(strays, roll);
      return beside(roll, ...Array.from({ length: often(roll) }, () => stray));
    },
  },
  reflected: { make: ({ from, name }) => ({ back: [{ seen: { from, on: name } }] }) },
  "the end of the stream": {
    make: (_, roll) => ({ cut: oneOf(["before", "after"] as const, roll) }),
  },
} as const satisfies Readonly<Record<string, Way>>;

const ticket = {
  ticketLifetime: 60,
  ticketAgeAdd: 0,
  ticketNonce: "00",
  ticket: "00",
  extensions: {},
};
const request = {
  certificateRequestContext: "00",
  extensions: { signature_algorithms: ["ed25519"] },
};

const named = Object.entries<Way>(ways);

/** One thing to do to the records of a unit, or beside them: what was done there least. */
export function changeRecords(unit: Unit, nth: number, roll: Draws, tried: Tried): Step {
  const suited = named.filter(([, { suits }]) => suits?.(unit) ?? true);
  const placeOf = ([name]: (typeof named)[number]) => `${unit.from} ${unit.name}: ${name}`;
  const [, way] = tried.least(suited, placeOf, roll)!;
  const place = { from: unit.from, on: unit.name, ...(nth === 1 ? {} : { nth }) };
  return { ...place, ...way.make(unit, roll) };
}
