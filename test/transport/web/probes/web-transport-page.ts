import { tryWebTransport } from "./web-transport.ts";

Object.assign(globalThis, { tryWebTransport });
