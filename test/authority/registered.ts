/** Directories in which names are registered, and requests of those who have them. */
import { vi } from "vitest";
import {
  admitByToken,
  firstSettings,
  issue,
  issueRoot,
  PkiDirectory,
  register,
  type RegisterOptions,
} from "../../src/authority/index.ts";
import { type KeyType, noble } from "../../src/crypto/index.ts";
import {
  createCsr,
  type Csr,
  encodePrivateKey,
  encodePublicKey,
  parseCsr,
} from "../../src/identity/index.ts";

const provider = noble;
export const signing = { provider };
export const [minute, day] = [60_000, 86_400_000];
export const slow = { timeout: 60_000 };
export const idOf = (name: string): string => `spiffe://example.org/${name}`;
export const namedAs = (name: string, more: Partial<RegisterOptions> = {}): RegisterOptions => ({
  name,
  names: { uri: [idOf(name)] },
  ...more,
});

/** A directory with a root, a CA, and those names registered. */
export async function directoryAt(
  path: string,
  ...registered: readonly RegisterOptions[]
): Promise<PkiDirectory> {
  await PkiDirectory.create(path, firstSettings({}), async (pki) => {
    const root = { subject: { CN: "Root" }, algorithm: "ed25519", lifetime: 9 * day } as const;
    await issueRoot(pki, { ...root, name: "root" }, signing);
    await issue(pki, { name: "ca", profile: "intermediate", names: {} }, signing);
    for (const terms of registered) register(pki, terms);
  });
  return PkiDirectory.open(path);
}

export function request(name: string, type: KeyType = "ed25519"): Csr {
  const key = provider.generateKey(type);
  const privateKey = encodePrivateKey(key);
  const publicKey = encodePublicKey(type, key.publicKey);
  const names = { uri: [idOf(name)] };
  return createCsr({ subject: {}, names, privateKey, publicKey, provider });
}

/** The request of somebody who has not the key. */
export function forged(csr: Csr): Csr {
  const der = csr.der.slice();
  der[der.length - 1]! ^= 1;
  return parseCsr(der);
}

/** Runs it with a clock that can be set. */
export async function later(
  run: (pass: (milliseconds: number) => void) => Promise<void>,
): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"] });
  try {
    await run((milliseconds) => vi.setSystemTime(Date.now() + milliseconds));
  } finally {
    vi.useRealTimers();
  }
}

export const tokenFor = (pki: PkiDirectory, name: string): string =>
  admitByToken(pki, { name, lifetime: minute }, provider);
