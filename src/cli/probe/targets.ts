/** Whom the command line names, and nobody else. */
import { startTlsPorts, type StartTls } from "../../probe/index.ts";
import { UsageError } from "../errors.ts";
import { readText } from "../options.ts";

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** Hosts of the arguments and of a file: one a line, where # begins a comment. @throws UsageError */
export function placesIn(
  named: readonly string[],
  file: string | undefined,
  startTls: StartTls | undefined,
): Place[] {
  const lines = file === undefined ? [] : readText(file).split(/\r?\n/);
  const listed = lines.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
  const port = startTls === undefined ? 443 : startTlsPorts[startTls];
  const places = [...named, ...listed].map((target) => placeOf(target, port));
  if (places.length === 0)
    throw new UsageError(
      file === undefined
        ? "name a host, or a file of hosts with --file"
        : `${file} names no host: write one a line`,
    );
  const keys = places.map(({ host, port: at }) => `${host} ${at}`);
  return places.filter((_, index) => keys.indexOf(keys[index]!) === index);
}

/** `host`, `host:port`, `[::1]:port`, or a URL. @throws UsageError */
function placeOf(target: string, usual: number): Place {
  const text = target.includes("://") ? target : `tls://${target}`;
  if (!/[\s?#@]/.test(target) && URL.canParse(text)) {
    const { hostname, port } = new URL(text);
    const host = hostname.replace(/^\[|\]$/g, "");
    if (host !== "" && port !== "0") return { host, port: port === "" ? usual : Number(port) };
  }
  throw new UsageError(`${JSON.stringify(target)} is not a server; write it as host:port`);
}
