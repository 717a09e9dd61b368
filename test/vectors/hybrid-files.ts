import type { HandshakeFile, ShareFile } from "../../src/lab/hybrid/format.ts";
import { parseVectors } from "../../src/lab/hybrid/read-vectors.ts";
import { listVectors, loadText } from "./load.ts";

export const handshakeFiles = listVectors("hybrid/handshakes");
export const featureFiles = listVectors("hybrid/features");
export const shareFiles = listVectors("hybrid/shares");
export const recordedFiles = listVectors("hybrid/recorded");
export const hybridFiles = [...handshakeFiles, ...featureFiles, ...shareFiles, ...recordedFiles];

/** `X25519MLKEM768` of `hybrid/handshakes/X25519MLKEM768.json.gz`. */
export const groupOf = (path: string): string => path.replace(/^.*\/|\.json\.gz$/g, "");

export function loadHandshakes(path: string): HandshakeFile {
  const file = parseVectors(loadText(path));
  if (file.format !== "kemistry handshakes") throw new TypeError(`${path} holds no handshakes`);
  return file;
}

export function loadShares(path: string): ShareFile {
  const file = parseVectors(loadText(path));
  if (file.format !== "kemistry shares") throw new TypeError(`${path} holds no shares`);
  return file;
}
