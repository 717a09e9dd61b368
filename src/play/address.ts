/** An experiment of the playground as data, and as an address: a link to the playground is an experiment. */

/** A step of the laboratory's adversary. What stands in it is checked by the reader of scenarios. */
export type AddressedStep = Readonly<Record<string, unknown>>;

/** What two ends are, what is done to their messages, and over which network they speak. */
export interface Experiment {
  /** The client's, the most wanted first. */
  readonly groups: readonly string[];
  /** Those for which the client sends a share at once. Empty: the first. */
  readonly shares: readonly string[];
  /** The server's, the most wanted first. */
  readonly serverGroups: readonly string[];
  readonly suites: readonly string[];
  /** That the client takes. Empty: all. */
  readonly signatures: readonly string[];
  /** What the server has to show: a key and a chain of the laboratory. */
  readonly credential: string;
  /** Types of the keys of a chain that it shows instead: its own first, the root's last. Empty: none. */
  readonly chain: readonly string[];
  readonly mutual: boolean;
  /** The client goes on with the session of a connection before. */
  readonly resume: boolean;
  readonly earlyData: boolean;
  /** What an attacker on the path does; JSON in the address. */
  readonly steps: readonly AddressedStep[];
  /** A scenario of the catalogue, by its name, instead of all of the above. Empty: none. */
  readonly attack: string;
  /** The visitor's own KEM, as code, and what stands beside it. Empty: the example; nothing. */
  readonly kem: string;
  readonly joined: string;
  /** Milliseconds there and back. */
  readonly rtt: number;
  /** Percent of packets. */
  readonly loss: number;
  /** Segments that may be sent at once, at first. */
  readonly window: number;
  /** What the ends compute takes the time in the network that it took here. */
  readonly compute: boolean;
  /** What is drawn in the network follows from it. */
  readonly draw: number;
}

/** What stands there without a word in the address. */
export const usual: Experiment = {
  groups: ["X25519MLKEM768", "x25519"],
  shares: [],
  serverGroups: ["X25519MLKEM768", "x25519"],
  suites: ["TLS_AES_128_GCM_SHA256"],
  signatures: [],
  credential: "ecdsa",
  chain: [],
  mutual: false,
  resume: false,
  earlyData: false,
  steps: [],
  attack: "",
  kem: "",
  joined: "ML-KEM-768",
  rtt: 40,
  loss: 0,
  window: 10,
  compute: false,
  draw: 1,
};

/** The query of an address, without what is usual. */
export function addressOf(experiment: Experiment): string {
  const query = new URLSearchParams();
  for (const name of Object.keys(experiment) as (keyof Experiment)[]) {
    const text = textOf(name, experiment);
    if (text !== textOf(name, usual)) query.set(name, text);
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

function textOf(name: keyof Experiment, experiment: Experiment): string {
  if (name === "steps") return JSON.stringify(experiment.steps);
  const value = experiment[name];
  return typeof value === "object" ? value.join(",") : String(value);
}

/**
 * Reads the query of an address. Names of groups and the like are checked where they are used.
 * @throws RangeError for a parameter that is not known, and for a value that cannot be
 */
export function experimentOf(query: string): Experiment {
  const read: Record<string, unknown> = { ...usual };
  for (const [name, text] of new URLSearchParams(query)) {
    if (!Object.hasOwn(usual, name))
      throw new RangeError(`the address has an unknown part: ${name}`);
    read[name] = valueOf(name as keyof Experiment, text);
  }
  return read as unknown as Experiment;
}

function valueOf(name: keyof Experiment, text: string): Experiment[keyof Experiment] {
  if (name === "steps") return stepsIn(text);
  const like = usual[name];
  if (typeof like === "object") return text === "" ? [] : text.split(",");
  if (typeof like === "string") return text;
  if (typeof like === "boolean") {
    if (text !== "true" && text !== "false")
      throw new RangeError(`${name}: true or false, not ${text}`);
    return text === "true";
  }
  const [least, most] = limits[name as keyof typeof limits];
  const value = Number(text);
  if (text.trim() === "" || !(value >= least && value <= most)) {
    throw new RangeError(`${name}: a number from ${least} to ${most}, not ${text}`);
  }
  return value;
}

function stepsIn(text: string): readonly AddressedStep[] {
  let steps: unknown;
  try {
    steps = JSON.parse(text);
  } catch {
    // What is not JSON is not a list either
  }
  const isStep = (step: unknown): boolean =>
    typeof step === "object" && step !== null && !Array.isArray(step);
  if (Array.isArray(steps) && steps.every(isStep)) return steps as readonly AddressedStep[];
  throw new RangeError(`steps: a list of steps as JSON, not ${text}`);
}

/** Of the sliders. */
export const limits = {
  rtt: [0, 1000],
  loss: [0, 30],
  window: [1, 64],
  draw: [1, 1_000_000],
} as const;
