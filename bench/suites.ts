import type { Suite } from "./suite.ts";
import { bulk } from "./suites/bulk.ts";
import { chains } from "./suites/chains.ts";
import { floor } from "./suites/floor.ts";
import { handshakes } from "./suites/handshake.ts";
import { many } from "./suites/many.ts";
import { memory } from "./suites/memory.ts";
import { peers } from "./suites/peers.ts";
import { records } from "./suites/records.ts";

/** All suites, in the order in which they run. */
export const suites: readonly Suite[] = [
  floor,
  peers,
  bulk,
  memory,
  many,
  handshakes,
  records,
  chains,
];
