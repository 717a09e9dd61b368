/** The fleet's authority, in a process of its own, which is killed and started again. */
import type { PolicyName } from "../../src/index.ts";
import { openAuthority } from "../../src/mesh/index.ts";

const [directory = "", domain = "", port = "0", refreshHint = "1000", policy] =
  process.argv.slice(2);
const authority = await openAuthority({
  directory,
  domain,
  refreshHint: Number(refreshHint),
  policy: policy as PolicyName,
  onEvent: (event) => {
    const error = "error" in event ? String(event.error) : undefined;
    process.send?.({ ...event, ...(error === undefined ? {} : { error }) });
  },
});
process.send?.({ type: "listening", port: await authority.listen(Number(port), "127.0.0.1") });
setInterval(() => process.send?.({ type: "heap", used: process.memoryUsage().heapUsed }), 1000);
process.once("disconnect", () => process.exit());
