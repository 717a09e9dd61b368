import {
  createDevelopmentCa,
  type KeyType,
  native,
  noble,
  type Provider,
  schemes,
  slhDsaSchemes,
} from "../../src/node.ts";
import type { Candidate, Subject } from "../measure.ts";
import type { Dimensions } from "../results.ts";
import { carryOut, type Suite } from "../suite.ts";

/** Each operation of each slot of a provider. */
export const primitives: Suite = {
  run: (context) => {
    const isFull = context.options.profile === "full";
    return carryOut(
      {
        candidates: [native, noble].flatMap((provider) => [
          ...kems(provider),
          ...signatures(provider, isFull),
          ...aeads(provider),
          ...hashes(provider),
        ]),
        notes: [
          "keys for signing and verifying are imported already",
          ...(isFull ? [] : ["SLH-DSA is measured by --full only: a signature may take seconds"]),
        ],
      },
      context,
    );
  },
};

/** What a slot can do; made when it is measured. */
type Operations = Readonly<Record<string, () => Subject>>;

function candidatesOf(
  provider: Provider,
  slot: { readonly name: string; readonly backend: string },
  operations: Operations,
  more: Dimensions & { readonly size?: string } = {},
): Candidate[] {
  const { size } = more;
  return Object.entries(operations).map(([operation, setUp]) => ({
    name: [provider.name, slot.name, operation, ...(size === undefined ? [] : [`${size} B`])].join(
      ", ",
    ),
    dimensions: {
      provider: provider.name,
      algorithm: slot.name,
      operation,
      backend: slot.backend,
      ...more,
    },
    ...(size === undefined ? {} : { bytes: Number(size) }),
    setUp,
  }));
}

const kems = (provider: Provider): Candidate[] =>
  Object.values(provider.kems).flatMap((kem) =>
    candidatesOf(provider, kem, {
      "key pair": () => ({ run: () => kem.generate() }),
      encapsulate() {
        const { publicKey } = kem.generate();
        return { run: () => kem.encapsulate(publicKey) };
      },
      decapsulate() {
        const pair = kem.generate();
        const { ciphertext } = kem.encapsulate(pair.publicKey);
        return { run: () => pair.decapsulate(ciphertext) };
      },
    }),
  );

function signatures(provider: Provider, isFull: boolean): Candidate[] {
  const known = isFull ? [...schemes, ...slhDsaSchemes] : schemes;
  // Several schemes share a primitive, by the type of the key
  const keyTypes = new Map(known.map(({ algorithm, keyType }) => [algorithm, keyType]));
  return [...keyTypes].flatMap(([name, keyType]) => {
    const algorithm = provider.signatures[name];
    const message = new Uint8Array(130).fill(0x20);
    const sign = (): Uint8Array => signerOf(provider, name, keyType)(message);
    return candidatesOf(provider, algorithm, {
      ...(algorithm.signer && {
        sign() {
          const signer = signerOf(provider, name, keyType);
          return { run: () => signer(message) };
        },
      }),
      verify() {
        const signature = sign();
        const verify = algorithm.verifier(keyOf(keyType).publicKey);
        return {
          run() {
            if (!verify(message, signature)) throw new Error("a right signature is called wrong");
          },
        };
      },
    });
  });
}

type SignatureName = (typeof schemes)[number]["algorithm"];

/** Signs with another provider where this one only verifies. */
function signerOf(provider: Provider, name: SignatureName, keyType: KeyType) {
  const signer = provider.signatures[name].signer ?? native.signatures[name].signer;
  if (signer === undefined) throw new Error(`no provider signs with ${name}`);
  return signer(keyOf(keyType).privateKey);
}

const keys = new Map<KeyType, ReturnType<typeof makeKey>>();

/** One key of a type for both providers. */
function keyOf(type: KeyType) {
  const key = keys.get(type) ?? makeKey(type);
  keys.set(type, key);
  return key;
}

function makeKey(type: KeyType) {
  const ca = createDevelopmentCa({ provider: native, algorithm: type, now: Date.now() });
  const { chain, privateKey } = ca.issue({ names: ["localhost"] });
  const [leaf] = chain;
  if (leaf === undefined) throw new Error("an empty chain");
  return { publicKey: leaf.publicKey, privateKey };
}

const sizes = [64, 1024, 16_384];

const aeads = (provider: Provider): Candidate[] =>
  Object.values(provider.aeads).flatMap((aead) =>
    sizes.flatMap((size) => {
      const set = () => {
        const key = aead.importKey(new Uint8Array(aead.keyLength).fill(1));
        const [nonce, header] = [new Uint8Array(12), new Uint8Array(5)];
        const plaintext = new Uint8Array(size).fill(7);
        const seal = (): Uint8Array[] => key.seal(nonce, header, plaintext, new Uint8Array(0));
        return { key, nonce, header, seal };
      };
      const operations: Operations = {
        seal: () => ({ run: set().seal }),
        open() {
          const { key, nonce, header, seal } = set();
          const ciphertext = Buffer.concat(seal());
          return {
            run() {
              if (key.open(nonce, header, ciphertext) === undefined) throw new Error("not opened");
            },
          };
        },
      };
      return candidatesOf(provider, aead, operations, { size: String(size) });
    }),
  );

const hashes = (provider: Provider): Candidate[] =>
  Object.values(provider.hashes).flatMap((hash) => {
    const key = new Uint8Array(hash.length).fill(1);
    // A label of the key schedule: HKDF-Expand of one block is one HMAC (RFC 5869 §2.3)
    const label = new Uint8Array(54).fill(2);
    return [
      ...candidatesOf(provider, hash, {
        "HMAC of a label": () => ({ run: () => hash.hmac(key, label) }),
      }),
      ...sizes.flatMap((size) => {
        const data = new Uint8Array(size).fill(7);
        return candidatesOf(
          provider,
          hash,
          { digest: () => ({ run: () => hash.digest(data) }) },
          { size: String(size) },
        );
      }),
    ];
  });
