/** `pki.json`: what the authorities of a directory certify, and where their lists are found. */
import * as z from "zod/mini";
import { keyTypeNames, keyUsages, type Profile, profiles as builtIn } from "../identity/index.ts";
import { checkProfile } from "../identity/issuing/profile.ts";
import * as check from "../registry/check.ts";
import { readJson } from "../registry/json.ts";
import { AuthorityError } from "./errors.ts";
import { parseDuration, printDuration } from "./duration.ts";

/** What `pki.json` says. */
export interface Settings {
  /** What is certified, by name. */
  readonly profiles: Readonly<Record<string, Profile>>;
  /** Where an issuer's list is served; `{issuer}` stands for its name. */
  readonly crlUrl?: string;
  /** Where an issuer's responder answers. */
  readonly ocspUrl?: string;
  /** The URL of a PostgreSQL database that is shared by several machines; the folder is a copy of it. Absent: none. */
  readonly database?: string;
}

export const settingsFile = "pki.json";

const urlTable = {
  crlUrl: check.text,
  ocspUrl: check.text,
  database: (value, where) => {
    check.text(value, where);
    const problem = problemOf(value as string);
    if (problem !== undefined) throw new RangeError(`${where}: ${problem}`);
  },
} satisfies check.OptionTable<Omit<Settings, "profiles">>;

/** What a new directory begins with. @throws TypeError for options that cannot be */
export function firstSettings(urls: Omit<Settings, "profiles">): Settings {
  check.checkOptions("firstSettings", urls, urlTable);
  return { profiles: builtIn, ...urls };
}

const checkProfiles: check.Check = (value, where) => {
  check.like("profiles by their names")(value, where);
  const profiles = Object.entries(value as Settings["profiles"]);
  for (const [name, profile] of profiles) checkProfile(profile, `${where}.${name}`);
};

/** As {@link Settings}. */
export const checkSettings = check.complete(
  { ...urlTable, profiles: checkProfiles } satisfies check.OptionTable<Settings>,
  "write firstSettings({})",
  ["profiles"],
);

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
  const fail = (reason: string): AuthorityError =>
    new AuthorityError("damaged", `${settingsFile}: ${reason}`);
  const { format: _, ...settings } = readJson(text, settingsSchema, fail);
  const problem = settings.database === undefined ? undefined : problemOf(settings.database);
  if (problem !== undefined) throw fail(`database: ${problem}`);
  return settings;
}

/** What is wrong with the URL of a database. Everybody may read pki.json. */
function problemOf(database: string): string | undefined {
  const url = URL.canParse(database) ? new URL(database) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    return "a database is postgresql://<user>@<host>/<name>";
  }
  return url.password !== "" || url.searchParams.has("password")
    ? "no password belongs in it: PostgreSQL takes it from PGPASSWORD or ~/.pgpass"
    : undefined;
}

const format = 1;

const name = z.string().check(z.minLength(1));
const names = z.strictObject({
  dns: z.exactOptional(z.array(name)),
  ip: z.exactOptional(z.array(name)),
  uri: z.exactOptional(z.array(name)),
  email: z.exactOptional(z.array(name)),
});

const duration = z.pipe(
  z.string().check(z.refine((text) => parseDuration(text) !== undefined, "a time such as 90d")),
  z.transform((text) => parseDuration(text) ?? 0),
);

const given = z.strictObject({
  ca: z.exactOptional(z.strictObject({ pathLength: z.exactOptional(z.int().check(z.minimum(0))) })),
  keyUsage: z.array(z.enum(keyUsages)),
  extendedKeyUsage: z.array(name),
  lifetime: duration,
  keyTypes: z.exactOptional(z.array(z.enum(keyTypeNames))),
  names: z.exactOptional(
    z.strictObject({ permitted: z.exactOptional(names), excluded: z.exactOptional(names) }),
  ),
  needsName: z.exactOptional(z.boolean()),
  policies: z.exactOptional(z.array(name)),
  mustStaple: z.exactOptional(z.boolean()),
});
const profile = z.pipe(
  given,
  z.transform((each) => ({ needsName: true, ...each })),
);

const settingsSchema = z.strictObject({
  format: z.literal(format),
  crlUrl: z.exactOptional(name),
  ocspUrl: z.exactOptional(name),
  database: z.exactOptional(name),
  profiles: z.record(z.string(), profile),
});
