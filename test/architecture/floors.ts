/** The floors of `src/`, and `bench/` among them, in one place. `docs/architecture.md` shows the same table. */

export interface Floor {
  readonly floor: number;
  /** Folders of `src/`, or `bench`. Those that share a floor do not import each other, unless {@link sideways} says so. */
  readonly folders: readonly string[];
}

export const floors: readonly Floor[] = [
  { floor: 8, folders: ["cli"] },
  { floor: 7, folders: ["bench", "play"] },
  {
    floor: 6,
    folders: ["lab", "peers", "authority", "hsm", "transport", "mesh", "interop", "probe"],
  },
  { floor: 5, folders: ["connection"] },
  { floor: 4, folders: ["authorization", "rotation", "policy", "detection", "handshake"] },
  { floor: 3, folders: ["messages", "extensions", "schedule", "record", "identity", "oqs"] },
  { floor: 2, folders: ["groups", "crypto"] },
  { floor: 1, folders: ["registry", "report"] },
  { floor: 0, folders: ["wire", "statistics"] },
];

/** `from` may import `to`, which stands on the same floor. */
export const sideways: readonly { readonly from: string; readonly to: string }[] = [
  { from: "groups", to: "crypto" },
  { from: "record", to: "schedule" },
  { from: "schedule", to: "identity" },
  { from: "oqs", to: "identity" },
  { from: "messages", to: "extensions" },
  { from: "extensions", to: "identity" },
  { from: "authorization", to: "handshake" },
  { from: "detection", to: "handshake" },
  { from: "policy", to: "handshake" },
  { from: "policy", to: "detection" },
  { from: "report", to: "registry" },
  { from: "lab", to: "peers" },
  { from: "interop", to: "lab" },
  { from: "interop", to: "peers" },
  { from: "interop", to: "transport" },
  { from: "authority", to: "hsm" },
  { from: "mesh", to: "authority" },
  { from: "mesh", to: "transport" },
  { from: "mesh", to: "hsm" },
  { from: "probe", to: "lab" },
  { from: "probe", to: "transport" },
];

/** Folders that have strata: each imports itself and those before it; files beside the strata stand above all. */
export const strata: Readonly<Record<string, readonly string[]>> = {
  identity: ["der", "keys", "certificate", "revocation", "path", "issuing"],
};

/** The public entry points: they gather all up to floor 6, and only what stands above may import them. */
export const faces: readonly string[] = [
  "client.ts",
  "engine.ts",
  "index.ts",
  "node.ts",
  "pki.ts",
  "lab.ts",
];
export const facesFloor = 6.5;

/** The faces that must load in a browser: nothing that they reach imports one of Node's modules. */
export const portableFaces: readonly string[] = [
  "client.ts",
  "index.ts",
  "pki.ts",
  "lab.ts",
  "oqs/index.ts",
];

/** The lowest floor that may import Node's modules; below it only {@link nodeBelow} may. */
export const lowestNodeFloor = 6;

/** Files under this prefix fill the native provider's slots from `node:crypto`. */
export const nodeBelow = "crypto/native";
