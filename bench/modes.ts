/** How a handshake may go: `resumed` has no certificates, `mutual` has two chains. */
export const modes = ["full", "resumed", "mutual", "HelloRetryRequest"] as const;
export type Mode = (typeof modes)[number];
