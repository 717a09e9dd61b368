/** libsodium, ready. */
import sodium, { ready } from "libsodium-wrappers";

await ready;

export { sodium };
