/** Runs before each file of tests that shares its process with others, and fails if the file leaves anything changed. */
import { afterAll, expect, vi } from "vitest";

/** Stands for what Node makes of itself when it is first used. */
const lazy = Symbol("lazy");

const before = state();
afterAll(() => {
  expect(changes(before, state()), "what a file of tests leaves behind").toEqual([]);
});

type State = ReadonlyMap<string, unknown>;

/** All that one file could change and another would meet: globals with their members, and the process. */
function state(): State {
  const found = new Map<string, unknown>([
    ["the timers", vi.isFakeTimers() ? "fake" : "real"],
    ["process.cwd()", process.cwd()],
    ...["uncaughtException", "unhandledRejection", "SIGINT", "SIGTERM"].map(
      (event) => [`listeners of process for ${event}`, process.listenerCount(event)] as const,
    ),
    ...Object.entries(process.env).map(([name, value]) => [`process.env.${name}`, value] as const),
  ]);
  for (const [name, value] of valuesOf(globalThis)) {
    // Registries of the test runner and of libraries
    if (name.startsWith("__")) continue;
    found.set(name, value);
    if (!(value instanceof Object) || value === globalThis || value === process) continue;
    for (const [member, inner] of valuesOf(value)) found.set(`${name}.${member}`, inner);
    const { prototype = {} } = value as { readonly prototype?: object };
    for (const [member, inner] of valuesOf(prototype)) {
      found.set(`${name}.prototype.${member}`, inner);
    }
  }
  return found;
}

/** Own members; a getter is not called, since Node loads much with some of them. */
function valuesOf(owner: object): (readonly [string, unknown])[] {
  return Object.entries(Object.getOwnPropertyDescriptors(owner)).map(([name, descriptor]) => [
    name,
    "value" in descriptor ? descriptor.value : lazy,
  ]);
}

/** What was not there before it was first used is no change. */
function changes(old: State, now: State): string[] {
  return [...new Set([...old.keys(), ...now.keys()])].filter(
    (name) => old.get(name.split(".")[0]!) !== lazy && !Object.is(old.get(name), now.get(name)),
  );
}
