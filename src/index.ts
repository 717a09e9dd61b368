/** The core: it runs in Node, browsers, workers, Deno and Bun. */
export * from "./engine.ts";
export {
  /** @deprecated Write `createClientConnection`: a server of `kemistry/node` is none of a connection. */
  createClientConnection as createClient,
  /** @deprecated Write `createServerConnection`: `createServer` of `kemistry/node` listens on a port. */
  createServerConnection as createServer,
} from "./connection/index.ts";
