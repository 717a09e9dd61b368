/** A program by which BoringSSL's test runner drives this stack. */
import { appendFileSync } from "node:fs";
import { TlsError } from "../../../src/registry/index.ts";
import { runExchange } from "./exchange.ts";
import { type Flags, parseFlags, Unimplemented } from "./flags.ts";
import { createMemory } from "./options.ts";
import { Unmet } from "./unmet.ts";

const tls13 = 0x0304;

async function main(): Promise<void> {
  const { initial, resume, retry } = parseFlags(process.argv.slice(2));
  if (initial["is-handshaker-supported"]) {
    console.log("No");
    return;
  }
  refuseOtherVersions(initial);
  const memory = createMemory();
  const seen = { ocspResponse: undefined, signedCertificateTimestamps: [], selected: -1 };
  let session;
  for (let index = 0; index <= (initial["resume-count"] ?? 0); index++) {
    const isResume = index > 0;
    const flags = isResume ? resume : initial;
    if (isResume) memory.now += (resume["resumption-delay"] ?? 0) * 1000;
    session = await runExchange({ flags, afterRefusal: retry, memory, seen, session, isResume });
  }
}

/** This stack speaks TLS 1.3 alone. */
function refuseOtherVersions(flags: Flags): void {
  const { "min-version": min, "max-version": max } = flags;
  if (
    flags["no-tls13"] ||
    (max !== undefined && max < tls13) ||
    (min !== undefined && min > tls13)
  ) {
    throw new Unimplemented("a version other than TLS 1.3");
  }
}

function report(error: unknown): number {
  if (error instanceof Unimplemented) {
    console.error(`unimplemented: ${error.message}`);
    const log = process.env["KEMISTRY_UNIMPLEMENTED"];
    if (log !== undefined) appendFileSync(log, `${error.message}\n`);
    return 89;
  }
  if (error instanceof TlsError) {
    const alert = error.alert ?? "no alert";
    console.error(`${error.code}: ${error.message} [${alert}]`);
  } else if (error instanceof Unmet) {
    console.error(`unmet: ${error.message}`);
  } else {
    console.error(error);
  }
  return 1;
}

main().catch((error: unknown) => {
  process.exitCode = report(error);
});
