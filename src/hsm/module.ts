import type * as Binding from "pkcs11js";
import { TlsError } from "../registry/index.ts";
import { Ckf } from "./constants.ts";
import { answerOf, attempt } from "./errors.ts";

/** A loaded module. C_Initialize and C_Finalize are the whole process's, so all tokens of a path share one. */
export interface Module {
  readonly calls: Binding.PKCS11;
  readonly description: string;
  /** Finalises when the last user is gone, if it was us who initialised. */
  release(): void;
}

interface Shared {
  readonly calls: Binding.PKCS11;
  readonly isOurs: boolean;
  users: number;
}

const loaded = new Map<string, Shared>();

/** @throws TlsError `misuse` if the binding is not installed, or the module cannot be loaded */
export async function loadModule(path: string): Promise<Module> {
  const { PKCS11 } = await importBinding();
  const shared = loaded.get(path) ?? initialise(new PKCS11(), path);
  loaded.set(path, shared);
  shared.users++;
  const { libraryDescription } = attempt("asking the module who it is", () =>
    shared.calls.C_GetInfo(),
  );
  let isReleased = false;
  return {
    calls: shared.calls,
    description: libraryDescription.trim(),
    release() {
      if (isReleased) return;
      isReleased = true;
      if (--shared.users > 0) return;
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
    // Signatures are made on several threads
    calls.C_Initialize({ flags: Ckf.osLockingOk });
    return { calls, isOurs: true, users: 0 };
  } catch (error) {
    if (answerOf(error) === "CKR_CRYPTOKI_ALREADY_INITIALIZED") {
      return { calls, isOurs: false, users: 0 };
    }
    calls.close();
    return attempt(`initialising the module ${path}`, () => {
      throw error;
    });
  }
}

/** Somebody else may have been faster. */
function finalise(calls: Binding.PKCS11): void {
  try {
    calls.C_Finalize();
  } catch (error) {
    if (answerOf(error) !== "CKR_CRYPTOKI_NOT_INITIALIZED") throw error;
  }
}
