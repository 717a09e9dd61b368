import { tryWebSocket } from "./probe.ts";

Object.assign(globalThis, { tryWebSocket });
