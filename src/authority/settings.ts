/** `pki.json`: what the authorities of a directory certify, and where their lists are found. */
import {
  type KeyUsage,
  keyTypeNames,
  keyUsages,
  type NameLimits,
  type Profile,
  profiles as builtIn,
} from "../identity/index.ts";
import { AuthorityError } from "./errors.ts";
import { parseDuration, printDuration } from "./duration.ts";

export interface Settings {
  readonly profiles: Readonly<Record<string, Profile>>;
  /** Where an issuer's list is served; `{issuer}` stands for its name. */
  readonly crlUrl?: string;
  /** Where an issuer's responder answers. */
  readonly ocspUrl?: string;
}

export const settingsFile = "pki.json";

/** What a new directory begins with. */
export const firstSettings = (urls: Omit<Settings, "profiles">): Settings => ({
  profiles: builtIn,
  ...urls,
});

export function printSettings({ profiles, ...urls }: Settings): string {
  const printed = Object.entries(profiles).map(([name, { lifetime, ...rest }]) => [
    name,
    { lifetime: printDuration(lifetime), ...rest },
  ]);
  const content = { format, ...urls, profiles: Object.fromEntries(printed) };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** @throws AuthorityError that names the member and what it should be */
export function parseSettings(text: string): Settings {
  const root = record(parseJson(text), "the whole file");
  if (root["format"] !== format) throw wrong("format", `${format}`, root["format"]);
  const profiles = Object.entries(record(root["profiles"], "profiles")).map(
    ([name, value]) => [name, readProfile(value, `profiles.${name}`)] as const,
  );
  return {
    profiles: Object.fromEntries(profiles),
    ...textMember(root, "crlUrl"),
    ...textMember(root, "ocspUrl"),
  };
}

const format = 1;

const usages = new Set<string>(keyUsages);
const isKeyUsage = (text: string): text is KeyUsage => usages.has(text);

function readProfile(value: unknown, where: string): Profile {
  const members = record(value, where);
  const unknown = Object.keys(members).find((name) => !profileMembers.has(name));
  if (unknown !== undefined) throw wrong(`${where}.${unknown}`, "no such member", members[unknown]);
  const lifetime = parseDuration(String(members["lifetime"]));
  if (lifetime === undefined) {
    throw wrong(`${where}.lifetime`, "a time such as 90d", members["lifetime"]);
  }
  const keyUsage = list(members["keyUsage"], `${where}.keyUsage`, isKeyUsage);
  const isKeyType = (text: string): text is (typeof keyTypeNames)[number] =>
    (keyTypeNames as readonly string[]).includes(text);
  const { ca, keyTypes, names, needsName = true } = members;
  return {
    keyUsage,
    extendedKeyUsage: list(members["extendedKeyUsage"], `${where}.extendedKeyUsage`, isText),
    lifetime,
    needsName: needsName === true,
    ...(ca === undefined ? {} : { ca: readCa(ca, `${where}.ca`) }),
    ...(keyTypes === undefined ? {} : { keyTypes: list(keyTypes, `${where}.keyTypes`, isKeyType) }),
    ...(names === undefined ? {} : { names: readLimits(names, `${where}.names`) }),
  };
}

const profileMembers = new Set([
  "ca",
  "keyUsage",
  "extendedKeyUsage",
  "lifetime",
  "keyTypes",
  "names",
  "needsName",
]);

function readCa(value: unknown, where: string): NonNullable<Profile["ca"]> {
  const { pathLength } = record(value, where);
  if (pathLength === undefined) return {};
  if (typeof pathLength !== "number" || !Number.isInteger(pathLength) || pathLength < 0) {
    throw wrong(`${where}.pathLength`, "a whole number", pathLength);
  }
  return { pathLength };
}

function readLimits(value: unknown, where: string): NameLimits {
  const kinds = ["dns", "ip", "uri", "email"] as const;
  const readNames = (side: string) => {
    const names = record(record(value, where)[side] ?? {}, `${where}.${side}`);
    const present = kinds.filter((kind) => names[kind] !== undefined);
    return Object.fromEntries(
      present.map((kind) => [kind, list(names[kind], `${where}.${side}.${kind}`, isText)]),
    );
  };
  const sides = record(value, where);
  return {
    ...("permitted" in sides ? { permitted: readNames("permitted") } : {}),
    ...("excluded" in sides ? { excluded: readNames("excluded") } : {}),
  };
}

const isText = (text: string): text is string => text !== "";

function list<T extends string>(
  value: unknown,
  where: string,
  isOne: (text: string) => text is T,
): readonly T[] {
  if (!Array.isArray(value)) throw wrong(where, "a list", value);
  return value.map((item: unknown, index) => {
    if (typeof item === "string" && isOne(item)) return item;
    throw wrong(`${where}[${index}]`, "one of the known names", item);
  });
}

function textMember<Name extends string>(
  root: Readonly<Record<string, unknown>>,
  name: Name,
): { readonly [N in Name]?: string } {
  const value = root[name];
  if (value === undefined) return {};
  if (typeof value !== "string") throw wrong(name, "text", value);
  return { [name]: value } as { [N in Name]: string };
}

function record(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw wrong(where, "an object", value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new AuthorityError(
      "damaged",
      `${settingsFile}: ${error instanceof Error ? error.message : ""}`,
    );
  }
}

const wrong = (where: string, expected: string, received: unknown): AuthorityError =>
  new AuthorityError(
    "damaged",
    `${settingsFile}: ${where}: expected ${expected}, got ${JSON.stringify(received)}`,
  );
