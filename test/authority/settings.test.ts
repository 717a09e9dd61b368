import { describe, expect, it } from "vitest";
import { firstSettings, parseSettings, printSettings } from "../../src/authority/settings.ts";
import { profiles } from "../../src/identity/index.ts";

describe("settings", () => {
  const parse = (change: (value: Record<string, unknown>) => void) => {
    const value = JSON.parse(printSettings(firstSettings({}))) as Record<string, unknown>;
    change(value);
    return parseSettings(JSON.stringify(value));
  };
  const withServer = (change: object) =>
    parse((value) => {
      const all = value["profiles"] as Record<string, object>;
      all["server"] = { ...all["server"], ...change };
    }).profiles["server"];

  it("what is written is read", () => {
    const settings = firstSettings({ crlUrl: "http://a/{issuer}.crl" });
    expect(parseSettings(printSettings(settings))).toEqual(settings);
    expect(parse(() => {}).profiles).toEqual(profiles);
  });

  it("say what may be certified", () => {
    const change = {
      lifetime: "15m",
      keyTypes: ["ed25519"],
      names: { permitted: { dns: ["example"] }, excluded: { uri: ["a.example"] } },
      needsName: false,
    };
    expect(withServer(change)).toMatchObject({ ...change, lifetime: 900_000 });
  });

  it("name a database without its password, which everybody could read", () => {
    const database = "postgresql:///pki?host=/run/postgresql&user=pki";
    expect(parseSettings(printSettings(firstSettings({ database }))).database).toBe(database);
    for (const [url, message] of [
      ["mysql://a/b", /a database is postgresql:/],
      ["pki", /a database is postgresql:/],
      ["postgresql://u:secret@h/pki", /^(?!.*secret).*PGPASSWORD/],
      ["postgresql:///pki?password=secret", /^(?!.*secret).*PGPASSWORD/],
    ] as const) {
      expect(() => firstSettings({ database: url })).toThrow(message);
      expect(() => parse((value) => (value["database"] = url))).toThrow(message);
    }
  });

  it.each([
    [{ lifetime: "soon" }, /profiles\.server\.lifetime: expected a time such as 90d, got "soon"/],
    [{ keyUsage: ["sign"] }, /keyUsage\[0\]: expected one of digitalSignature, .*, got "sign"/],
    [{ keyTypes: ["dsa"] }, /keyTypes\[0\]/],
    [{ extendedKeyUsage: "serverAuth" }, /extendedKeyUsage: expected a list/],
    [{ ca: { pathLength: -1 } }, /ca\.pathLength: expected a number from 0, got -1/],
    [{ names: { permitted: { dns: [5] } } }, /names\.permitted\.dns\[0\]/],
    [{ color: "red" }, /profiles\.server\.color: expected no such member, got "red"/],
    [{ needsName: "true" }, /profiles\.server\.needsName: expected true or false, got "true"/],
    [{ needsName: null }, /needsName: expected true or false, got null/],
    [{ names: { permited: {} } }, /profiles\.server\.names\.permited: expected no such member/],
    [{ names: { permitted: { dns: [""] } } }, /dns\[0\]: expected more than nothing, got ""/],
    [{ ca: { pathlength: 1 } }, /ca\.pathlength: expected no such member/],
  ])("%o is refused with its place", (change, message) => {
    expect(() => withServer(change)).toThrow(message);
  });

  it("are refused if they are of another kind", () => {
    expect(() => parseSettings("{")).toThrow(/^pki\.json: /);
    expect(() => parseSettings("[]")).toThrow(/the whole file: expected an object/);
    expect(() => parse((value) => (value["format"] = 2))).toThrow(/format: expected 1, got 2/);
    expect(() => parse((value) => (value["crlUrl"] = 2))).toThrow(/crlUrl: expected text, got 2/);
    expect(() => parse((value) => (value["crlURL"] = "http://x/"))).toThrow(
      /^pki\.json: crlURL: expected no such member/,
    );
  });
});
