/**
 * The one place where bytes are carried between two ends.
 *
 * A run is two ends and a medium. The pump takes what an end has to say and gives it to the medium; the medium
 * delivers what it likes, when it likes, to either end. When both ends are silent, the medium goes on to what
 * happens of itself: the adversary lets go what it held back, a network moves its clock to the next arrival. When
 * nothing is on its way either, the caller may let an end say something; when nobody has anything to say, the run
 * is over. All of it is synchronous, unless an end works on something or stands outside of this process.
 */
import * as check from "../registry/check.ts";
import { TlsError } from "../registry/index.ts";
import { otherRole, type Role } from "../schedule/index.ts";
import { concatAll } from "../wire/index.ts";

/** What the pump needs of an end. A `Connection` is one; so is a foreign process, or a recording. */
export interface PumpedEnd {
  /** Everything that waits to be sent. */
  takeOutput(): readonly Uint8Array[];
  /** Takes bytes from the other end, in pieces of any size. */
  receive(bytes: Uint8Array): void;
  /** The other end's stream is over. */
  receiveEnd?(): void;
  /** Its own stream is over: nothing comes after the output that waits. */
  readonly ended?: boolean;
  /** It works on something asynchronous, and goes on by itself. */
  readonly busy?: boolean;
  /** Of an end outside of this process: waits for what comes of itself. False: nothing will. */
  rest?(): Promise<boolean>;
}

/** Two of a kind, by role. */
export type Both<T> = Readonly<Record<Role, T>>;

/** Where a medium hands over what arrives. */
export interface Outlet {
  /** Gives bytes to an end, as they arrive there. */
  deliver(to: Role, bytes: Uint8Array): void;
  /** That end's incoming stream is over. */
  end(to: Role): void;
}

/** What stands between the ends. */
export interface Medium {
  /** Is told, before anything else, where it delivers. */
  attach(outlet: Outlet): void;
  /** Takes all that an end had to say at this moment. */
  take(from: Role, bytes: Uint8Array): void;
  /** An end's stream is over. */
  end(from: Role): void;
  /** Both ends are silent: goes on to the next thing that happens of itself. False: there is none. */
  advance?(): boolean;
  /** Milliseconds since the run began, by a clock of its own. */
  now?(): number;
}

/** What passed an end's tap. */
export type TapEvent = {
  /** Milliseconds since the run began, by the medium's clock if it has one. */
  readonly at: number;
  /** Whose tap. */
  readonly end: Role;
  /** By this end, or to it. */
  readonly direction: "sent" | "received";
} & ({ readonly kind: "bytes"; readonly bytes: Uint8Array } | { readonly kind: "end" });

/** What stands between two ends, who looks on, and when to give up. */
export interface PumpOptions {
  /** Default: nothing stands between the ends, and what one sends the other has. */
  readonly medium?: Medium;
  /** Is told of everything that passes an end: what it sends before it is carried, what it is given before it reads. */
  readonly tap?: ((event: TapEvent) => void) | undefined;
  /** Nothing moves any more: lets an end say something. False, which is the default: the run is over. */
  readonly idle?: () => boolean;
  /** Rounds after which the ends are taken for ones that never fall silent. Default: 100 000. */
  readonly rounds?: number;
}

const checkPump = check.options({
  medium: check.like("a medium: { attach, take, end }", "attach", "take", "end"),
  tap: check.callable,
  idle: check.callable,
  rounds: check.whole(1),
} satisfies check.OptionTable<PumpOptions>);

/**
 * Carries until nobody has anything left to say. An end that is busy is left so.
 * @throws TlsError `misuse` for ends that never fall silent
 */
export function pump(ends: Both<PumpedEnd>, options: PumpOptions = {}): void {
  checkPump(options, "pump");
  carrying(ends, options).next();
}

/** The same, and waits for ends that are busy or outside of this process. */
export async function pumpAsync(ends: Both<PumpedEnd>, options: PumpOptions = {}): Promise<void> {
  checkPump(options, "pumpAsync");
  const rounds = carrying(ends, options);
  for (let step = rounds.next(); step.done !== true;) step = rounds.next(await step.value);
}

const roles: readonly Role[] = ["client", "server"];

/** Yields what it waits for, and is told whether something came of it. */
function* carrying(
  ends: Both<PumpedEnd>,
  { medium = new Memory(), tap, idle, rounds = 100_000 }: PumpOptions,
): Generator<Promise<boolean>, void, boolean> {
  let delivered = 0;
  const over = new Set<Role>();
  const began = performance.now();
  const now = (): number => medium.now?.() ?? performance.now() - began;
  medium.attach({
    deliver(to, bytes) {
      delivered++;
      tap?.({ at: now(), end: to, direction: "received", kind: "bytes", bytes });
      ends[to].receive(bytes);
    },
    end(to) {
      delivered++;
      tap?.({ at: now(), end: to, direction: "received", kind: "end" });
      ends[to].receiveEnd?.();
    },
  });
  const carry = (role: Role): boolean => {
    const chunks = ends[role].takeOutput();
    if (chunks.length > 0) {
      const bytes = chunks.length === 1 ? chunks[0]! : concatAll(chunks);
      tap?.({ at: now(), end: role, direction: "sent", kind: "bytes", bytes });
      medium.take(role, bytes);
    }
    const isOver = ends[role].ended === true && !over.has(role);
    if (isOver) {
      over.add(role);
      tap?.({ at: now(), end: role, direction: "sent", kind: "end" });
      medium.end(role);
    }
    return isOver || chunks.length > 0;
  };
  for (let round = 0; round < rounds; round++) {
    delivered = 0;
    const moved = roles.filter(carry).length;
    if (moved + delivered > 0) continue;
    const waiting = waitingFor(roles.map((role) => ends[role]));
    if (waiting !== undefined && (yield waiting)) continue;
    if (!medium.advance?.() && !idle?.()) return;
  }
  throw new TlsError("misuse", `the two ends never fall silent: more than ${rounds} rounds`);
}

/** Until something may have come of it; `undefined` if there is nothing to wait for. */
function waitingFor(ends: readonly PumpedEnd[]): Promise<boolean> | undefined {
  if (ends.some(({ busy }) => busy)) {
    return new Promise((resolve) => setTimeout(() => resolve(true), 0));
  }
  const rests = ends.flatMap((end) => end.rest?.() ?? []);
  return rests.length === 0 ? undefined : anyOf(rests);
}

/** True as soon as one is, false once all are. */
const anyOf = (answers: readonly Promise<boolean>[]): Promise<boolean> =>
  new Promise((resolve, reject) => {
    for (const answer of answers)
      answer.then(
        (is) => is && resolve(true),
        () => {},
      );
    Promise.all(answers).then(() => resolve(false), reject);
  });

class Memory implements Medium {
  #outlet: Outlet | undefined;

  attach(outlet: Outlet): void {
    this.#outlet = outlet;
  }

  take(from: Role, bytes: Uint8Array): void {
    this.#outlet?.deliver(otherRole(from), bytes);
  }

  end(from: Role): void {
    this.#outlet?.end(otherRole(from));
  }
}
