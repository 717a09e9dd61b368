/** The same handshakes by noble, and by noble with slots of WebAssembly. It runs in a page too. */
import sodium, { ready } from "libsodium-wrappers";
import {
  CertificateCache,
  joinInMemory,
  noble,
  prepareClient,
  prepareServer,
  sodiumProvider,
} from "../../src/index.ts";
import { setUp } from "../../src/lab.ts";
import { oqsProvider } from "../../src/oqs/index.ts";

/** What is compared, by the packages that are used. */
export type SubjectName = "noble" | "liboqs" | "libsodium" | "liboqs and libsodium";

/** Makes so many whole handshakes, both ends, with X25519MLKEM768 and a chain of ML-DSA-65. */
export type Handshakes = (count: number) => void;

/** Also noble's fastest. */
const suite = "TLS_CHACHA20_POLY1305_SHA256";

/** @param from the folder of `@oqs/liboqs-js`, where it is not found by its name */
export async function prepare(from?: string): Promise<Readonly<Record<SubjectName, Handshakes>>> {
  await ready;
  const slots = ["ML-KEM-768", "ML-DSA-65"] as const;
  const withSodium = sodiumProvider(noble, sodium);
  const withOqs = async (base: typeof noble) =>
    oqsProvider({ base, slots, ...(from !== undefined && { from }) });
  const both = await withOqs(withSodium);
  const of = (provider: typeof noble): Handshakes => {
    const made = setUp({ provider, group: "X25519MLKEM768", suite, scheme: "mldsa65" });
    // Certificates are read once, as in the benchmarks
    const cache = new CertificateCache();
    cache.keep((made.server.credentials ?? []).flatMap(({ chain }) => chain));
    const readCertificate = (der: Uint8Array, where: string) => cache.parse(der, where);
    const client = prepareClient({ ...made.client, readCertificate });
    const server = prepareServer({ ...made.server, readCertificate });
    return (count) => {
      for (let left = count; left > 0; left--) {
        const ends = [client(), server()] as const;
        joinInMemory(...ends);
        const reached = ends.map(({ state, negotiated }) => `${state} ${negotiated?.group}`);
        if (reached.some((each) => each !== "open X25519MLKEM768")) throw new Error(reached.join());
      }
    };
  };
  return {
    noble: of(noble),
    liboqs: of(await withOqs(noble)),
    libsodium: of(withSodium),
    "liboqs and libsodium": of(both),
  };
}
