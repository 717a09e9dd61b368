import type * as Binding from "pkcs11js";
import { TlsError } from "../registry/index.ts";
import { Ckf } from "./constants.ts";
import { answerOf, attempt, hsmError } from "./errors.ts";

/** A loaded module. C_Initialize and C_Finalize are the whole process's, so all tokens of a path share one. */
export interface Module {
  readonly calls: Binding.PKCS11;
  readonly description: string;
  /** Runs before all that the module has given becomes void by {@link restart}. */
  beforeRestart(suspend: () => Promise<void>): void;
  /** Finalises the module, if it was us who initialised it, and initialises it again. */
  restart(): Promise<void>;
  /** Finalises when the last user is gone, if it was us who initialised. */
  release(): void;
}

interface Shared {
  readonly calls: Binding.PKCS11;
  isOurs: boolean;
  /** What each user of the module does before it is initialised again. */
  readonly users: Map<object, () => Promise<void>>;
  restarting: Promise<void> | undefined;
}

const loaded = new Map<string, Shared>();

/** @throws TlsError `misuse` if the binding is not installed, or the module cannot be loaded */
export async function loadModule(path: string): Promise<Module> {
  const { PKCS11 } = await importBinding();
  const shared = loaded.get(path) ?? initialise(new PKCS11(), path);
  loaded.set(path, shared);
  const user = {};
  shared.users.set(user, () => Promise.resolve());
  const { libraryDescription } = attempt("asking the module who it is", () =>
    shared.calls.C_GetInfo(),
  );
  let isReleased = false;
  return {
    calls: shared.calls,
    description: libraryDescription.trim(),
    beforeRestart: (suspend) => void shared.users.set(user, suspend),
    restart: () =>
      (shared.restarting ??= restart(shared).finally(() => (shared.restarting = undefined))),
    release() {
      if (isReleased) return;
      isReleased = true;
      shared.users.delete(user);
      if (shared.users.size > 0) return;
      loaded.delete(path);
      if (shared.isOurs) finalise(shared.calls);
      shared.calls.close();
    },
  };
}

async function importBinding(): Promise<typeof Binding> {
  try {
    return await import("pkcs11js");
  } catch (cause) {
    throw new TlsError(
      "misuse",
      "HSM: the optional package pkcs11js is not installed, or was not built: npm install pkcs11js",
      { cause },
    );
  }
}

function initialise(calls: Binding.PKCS11, path: string): Shared {
  attempt(`loading the module ${path}`, () => calls.load(path));
  try {
    const isOurs = begin(calls);
    return { calls, isOurs, users: new Map(), restarting: undefined };
  } catch (error) {
    calls.close();
    throw hsmError(`initialising the module ${path}`, error);
  }
}

/** Returns whether it was us who initialised it. */
function begin(calls: Binding.PKCS11): boolean {
  try {
    // Signatures are made on several threads
    calls.C_Initialize({ flags: Ckf.osLockingOk });
    return true;
  } catch (error) {
    if (answerOf(error) === "CKR_CRYPTOKI_ALREADY_INITIALIZED") return false;
    throw error;
  }
}

/** Nothing of the module may run meanwhile, and no handle may outlive it: numbers are given anew. */
async function restart(shared: Shared): Promise<void> {
  await Promise.all([...shared.users.values()].map((suspend) => suspend()));
  attempt("initialising the module again", () => {
    if (shared.isOurs) finalise(shared.calls);
    shared.isOurs = begin(shared.calls) || shared.isOurs;
  });
}

/** Somebody else may have been faster. */
function finalise(calls: Binding.PKCS11): void {
  try {
    calls.C_Finalize();
  } catch (error) {
    if (answerOf(error) !== "CKR_CRYPTOKI_NOT_INITIALIZED") throw error;
  }
}
