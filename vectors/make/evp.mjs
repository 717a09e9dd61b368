/** Records of OpenSSL's `evp_test` format: paragraphs of `Name = value` lines. */
const records = (text) =>
  text
    .split(/\n\s*\n/)
    .map((paragraph) => paragraph.split("\n").filter((line) => /^\w[\w.-]* = /.test(line)))
    .map((lines) => lines.map((line) => [line.slice(0, line.indexOf(" ")), line.split(" = ")[1]]))
    .filter((lines) => lines.length > 0);

/** `hexkey` of `Ctrl.key = hexkey:00ff`, and likewise for the rest. */
const control = (lines, name) =>
  lines
    .filter(([key]) => key.startsWith("Ctrl"))
    .find(([, value]) => value.startsWith(`${name}:`))?.[1]
    .slice(name.length + 1);

const mlDsa = { vsId: 42, algorithm: "ML-DSA", mode: "keyGen", revision: "FIPS204" };

/** Key generation, back in the form of the ACVP file from which OpenSSL made its own. */
export function evpKeyGeneration(text, header = mlDsa) {
  const groups = new Map();
  let tcId = 0;
  for (const lines of records(text)) {
    const parameterSet = lines.find(([key]) => key === "KeyGen")?.[1];
    if (parameterSet === undefined) continue;
    if (!groups.has(parameterSet)) {
      const tgId = groups.size + 1;
      groups.set(parameterSet, { tgId, testType: "AFT", parameterSet, tests: [] });
    }
    groups.get(parameterSet).tests.push({
      tcId: ++tcId,
      seed: control(lines, "hexseed"),
      pk: control(lines, "hexpub"),
      sk: control(lines, "hexpriv"),
    });
  }
  return { ...header, testGroups: [...groups.values()] };
}

const slhDsa = { vsId: 53, algorithm: "SLH-DSA", revision: "FIPS205" };

/** SLH-DSA key generation; a seed is SK.seed, SK.prf and PK.seed, one behind the other. */
export const evpSlhDsaKeyGeneration = (text) =>
  evpKeyGeneration(text, { ...slhDsa, mode: "keyGen" });

/** SLH-DSA signatures as TLS 1.3 has them: pure, with an empty context; of these the deterministic. */
export function evpSlhDsaSignatures(text) {
  const all = records(text);
  const keys = new Map(
    all
      .flat()
      .filter(([key]) => key === "PrivateKeyRaw")
      .map(([, value]) => value.split(":"))
      .map(([name, , key]) => [name, key]),
  );
  const signed = all.filter((lines) => lines.some(([key]) => key === "Sign-Message"));
  const testGroups = signed
    .filter((lines) => control(lines, "deterministic") === "1")
    .filter((lines) => control(lines, "message-encoding") === "1")
    .filter((lines) => control(lines, "hexcontext-string") === "")
    .map((lines, index) => {
      const value = (name) => lines.find(([key]) => key === name)[1];
      const [parameterSet, name] = value("Sign-Message").split(":");
      const test = {
        tcId: index + 1,
        sk: keys.get(name),
        message: value("Input"),
        signature: value("Output"),
      };
      return { tgId: index + 1, testType: "AFT", parameterSet, deterministic: true, tests: [test] };
    });
  const json = { ...slhDsa, mode: "sigGen", testGroups };
  return { json, cases: testGroups.length, of: signed.length };
}

/**
 * The TLS 1.3 key derivation, one step a test. `extract` is HKDF-Extract, its salt derived from
 * `salt` by "derived" if a label is given (RFC 9846 §7.1); `expand` is HKDF-Expand-Label with
 * `data` as its context.
 */
export function evpTls13Kdf(text) {
  const tests = records(text)
    .filter((lines) => lines[0][1] === "TLS13-KDF" && lines.some(([key]) => key === "Output"))
    .map((lines, index) => ({
      tcId: index + 1,
      step: { EXTRACT_ONLY: "extract", EXPAND_ONLY: "expand" }[control(lines, "mode")],
      hash: control(lines, "digest").replace("SHA2-", "sha"),
      key: control(lines, "hexkey"),
      salt: control(lines, "hexsalt"),
      label: control(lines, "hexlabel"),
      data: control(lines, "hexdata"),
      output: lines.find(([key]) => key === "Output")[1],
    }));
  return { algorithm: "TLS13-KDF", tests };
}
