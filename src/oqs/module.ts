/**
 * One algorithm of liboqs, as a WebAssembly instance of its own. Making it is asynchronous, its operations are not. What
 * a call puts into the instance's memory is overwritten and freed when the call ends, in whatever way; what liboqs leaves on
 * its own stack stays until a later call or the release overwrites it. The memory grows to 256 MB at most, as the package
 * was built. Randomness is the platform's.
 */
import { TlsError } from "../registry/index.ts";
import type { OqsAlgorithm, OqsKem, OqsSignature } from "./catalogue.ts";
import type { Installed } from "./package.ts";

/** What this asks of an instance that Emscripten made. `HEAPU8` is another array once memory has grown. */
interface Instance {
  readonly HEAPU8: Uint8Array<ArrayBuffer>;
  _malloc(length: number): number;
  _free(address: number): void;
  _OQS_init(): void;
  readonly [operation: `_OQS_KEM_${string}` | `_OQS_SIG_${string}`]: (...words: number[]) => number;
}

/** What a module's operations come to. */
const succeeded = 0;

/** An algorithm that was loaded. Keys are as liboqs has them; lengths of inputs are the caller's to check. */
export class OqsModule<Algorithm extends OqsAlgorithm = OqsAlgorithm> {
  readonly algorithm: Algorithm;
  /** What liboqs says of its source: a standard, a round of a competition, a commit. */
  readonly version: string;
  /** For {@link Slot.backend}. */
  readonly backend: string;
  readonly #context: number;
  #instance: Instance | undefined;

  private constructor(algorithm: Algorithm, instance: Instance, packageVersion: string) {
    this.algorithm = algorithm;
    this.#instance = instance;
    const { _OQS_init: initialize } = instance;
    initialize();
    const name = new TextEncoder().encode(`${algorithm.identifier}\0`);
    this.#context = this.#within([name], ([address]) => this.#run("new", address));
    if (this.#context === 0) throw new Error(`it has no ${algorithm.identifier}`);
    this.version = this.#describe(instance);
    this.backend = `liboqs ${packageVersion} (${algorithm.name}: ${this.version})`;
  }

  /** @throws TlsError `misuse` if the package has no such module, or another than is known here */
  static async load<A extends OqsAlgorithm>(
    algorithm: A,
    { folder, version }: Installed,
  ): Promise<OqsModule<A>> {
    const ending = "Deno" in globalThis ? "deno" : "min";
    const url = new URL(`dist/${algorithm.file}.${ending}.js`, folder).href;
    try {
      const { default: create } = (await import(/* @vite-ignore */ url)) as {
        readonly default: () => Promise<Instance>;
      };
      return new OqsModule(algorithm, await create(), version);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TlsError("misuse", `cannot load ${algorithm.name}: ${reason}`, {
        expected: "@oqs/liboqs-js 0.15, whole",
        received: version,
        where: url,
        cause,
      });
    }
  }

  /** @throws Error if liboqs fails */
  generateKey(): { readonly publicKey: Uint8Array; readonly secretKey: Uint8Array } {
    const { publicKey, secretKey } = this.algorithm;
    return this.#within([publicKey, secretKey], ([own, secret], copy) => {
      if (this.#run("keypair", own, secret) !== succeeded) throw this.#failure("make a key");
      return { publicKey: copy(own, publicKey), secretKey: copy(secret, secretKey) };
    });
  }

  /** `undefined` where liboqs refuses the public key. */
  encapsulate(
    this: OqsModule<OqsKem>,
    publicKey: Uint8Array,
  ): { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array } | undefined {
    const { ciphertext, sharedSecret } = this.algorithm;
    return this.#within([ciphertext, sharedSecret, publicKey], ([sent, secret, key], copy) => {
      if (this.#run("encaps", sent, secret, key) !== succeeded) return undefined;
      return { ciphertext: copy(sent, ciphertext), sharedSecret: copy(secret, sharedSecret) };
    });
  }

  /** `undefined` where liboqs refuses the ciphertext; most KEMs give another secret instead. */
  decapsulate(
    this: OqsModule<OqsKem>,
    ciphertext: Uint8Array,
    secretKey: Uint8Array,
  ): Uint8Array | undefined {
    const { sharedSecret } = this.algorithm;
    return this.#within([sharedSecret, ciphertext, secretKey], ([secret, received, key], copy) =>
      this.#run("decaps", secret, received, key) === succeeded
        ? copy(secret, sharedSecret)
        : undefined,
    );
  }

  /** @throws Error if liboqs fails */
  sign(this: OqsModule<OqsSignature>, message: Uint8Array, secretKey: Uint8Array): Uint8Array {
    const { signature } = this.algorithm;
    const words = new Uint8Array(4);
    return this.#within(
      [signature, words, message, secretKey],
      ([signed, length, text, key], copy) => {
        const status = this.#run("sign", signed, length, text, message.length, key);
        if (status !== succeeded) throw this.#failure("sign");
        return copy(signed, Math.min(wordAt(copy(length, 4)), signature));
      },
    );
  }

  verify(
    this: OqsModule<OqsSignature>,
    message: Uint8Array,
    signature: Uint8Array,
    publicKey: Uint8Array,
  ): boolean {
    return this.#within(
      [message, signature, publicKey],
      ([text, signed, key]) =>
        this.#run("verify", text, message.length, signed, signature.length, key) === succeeded,
    );
  }

  /** Overwrites the instance's memory and lets go of it. Whatever was made with it throws from then on. */
  release(): void {
    this.#instance?.HEAPU8.fill(0);
    this.#instance = undefined;
  }

  #run(operation: string, ...words: number[]): number {
    const { kind } = this.algorithm;
    const name =
      kind === "kem" ? (`_OQS_KEM_${operation}` as const) : (`_OQS_SIG_${operation}` as const);
    const context = operation === "new" ? [] : [this.#context];
    return this.#use()[name]!(...context, ...words);
  }

  /**
   * Makes room in the instance's memory, copies in what is bytes, and calls with the addresses, and with what copies out.
   * All of it is overwritten and freed at the end. An instance that traps is not used again.
   */
  #within<T>(
    inputs: readonly (Uint8Array | number)[],
    operate: (
      addresses: readonly [number, number, number, number],
      copy: (address: number, length: number) => Uint8Array,
    ) => T,
  ): T {
    const instance = this.#use();
    const { _malloc: allocate, _free: free } = instance;
    const rooms: (readonly [address: number, length: number])[] = [];
    try {
      for (const input of inputs) {
        const length = typeof input === "number" ? input : input.length;
        // An empty message needs an address too
        const address = allocate(Math.max(1, length));
        if (address === 0) throw this.#failure(`get ${length} bytes of memory`);
        rooms.push([address, length]);
        if (typeof input !== "number") instance.HEAPU8.set(input, address);
      }
      const addresses = rooms.map(([address]) => address);
      return operate(addresses as unknown as [number, number, number, number], (address, length) =>
        instance.HEAPU8.slice(address, address + length),
      );
    } catch (error) {
      if (error instanceof WebAssembly.RuntimeError) this.release();
      throw error;
    } finally {
      if (this.#instance !== undefined) {
        for (const [address, length] of rooms) {
          instance.HEAPU8.fill(0, address, address + length);
          free(address);
        }
      }
    }
  }

  #use(): Instance {
    if (this.#instance === undefined) throw new Error(`${this.algorithm.name} was released`);
    return this.#instance;
  }

  #failure(what: string): Error {
    return new Error(`liboqs cannot ${what}: ${this.algorithm.name}`);
  }

  /**
   * Reads `OQS_KEM` or `OQS_SIG`: pointers to its name and version, its category, flags, and its sizes. They must be those
   * of the catalogue: offsets and lengths of buffers depend on them.
   */
  #describe({ HEAPU8: heap }: Instance): string {
    const { algorithm } = this;
    const words = new DataView(heap.buffer, this.#context, 28);
    const text = (address: number): string =>
      new TextDecoder().decode(heap.subarray(address, heap.indexOf(0, address)));
    const sizes =
      algorithm.kind === "kem"
        ? [algorithm.publicKey, algorithm.secretKey, algorithm.ciphertext, algorithm.sharedSecret]
        : [algorithm.publicKey, algorithm.secretKey, algorithm.signature];
    const found = sizes.map((_, index) => words.getUint32(12 + 4 * index, true));
    const name = text(words.getUint32(0, true));
    // CROSS is written in lower case here, and in upper case where it is asked for
    const isOurs = name.toLowerCase() === algorithm.identifier.toLowerCase();
    if (!isOurs || found.join() !== sizes.join()) {
      throw new Error(
        `expected ${algorithm.identifier} of ${sizes.join()} bytes, got ${name} of ${found.join()}`,
      );
    }
    return text(words.getUint32(4, true));
  }
}

const wordAt = (bytes: Uint8Array): number => new DataView(bytes.buffer).getUint32(0, true);
