export {
  type ByteStreams,
  toWebStreams,
  type WebStreamOptions,
  type WebStreams,
} from "./streams.ts";
export { type WebSocketLike, type WebSocketStreamOptions, webSocketStreams } from "./web-socket.ts";
