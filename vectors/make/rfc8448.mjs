const names = {
  3: "simple-1rtt",
  4: "resumed-0rtt",
  5: "hello-retry-request",
  6: "client-authentication",
  7: "compatibility-mode",
};

/** Reads the traces out of the text of RFC 8448. Throws if a value has not the length that the text says. */
export function readTraces(text) {
  const lines = withoutPageBreaks(text);
  const traces = Object.entries(names).map(([section, name]) => {
    const start = lines.findIndex((line) => line.startsWith(`${section}.  `));
    const end = lines.findIndex((line, at) => at > start && /^\d\.  /.test(line));
    const title = lines[start].slice(4);
    return { name, title, section, steps: readSteps(lines.slice(start + 1, end)) };
  });
  const start = lines.findIndex((line) => line.startsWith("2.  "));
  const end = lines.findIndex((line) => line.startsWith("3.  "));
  return { keys: { section: "2", rsa: readValues(lines.slice(start, end), 3) }, traces };
}

/** Pages break in the middle of values, with a footer, a form feed, and a header. */
function withoutPageBreaks(text) {
  const joined = text.replace(
    /\n+Thomson +Informational +\[Page \d+\]\n\f\nRFC 8448 .*\n\n/g,
    "\n",
  );
  const body = joined.slice(joined.lastIndexOf("\n2.  Private Keys"));
  return body.split("\n");
}

function readSteps(lines) {
  const starts = lines.flatMap((line, at) => (/^ {3}\{(client|server)\}/.test(line) ? [at] : []));
  return starts.map((start, index) => {
    const block = lines.slice(start, starts[index + 1]);
    const blank = block.indexOf("");
    const head = block.slice(0, blank).map((line) => line.trim());
    const [, by, said] = /^\{(client|server)\} {2}(.*?):?$/.exec(head.join(" "));
    const [, does, sameAs] = /^(.*?)(?: \(same as (.*)\))?$/.exec(said);
    const values = readValues(block.slice(blank), 6);
    return { by, does, ...(sameAs === undefined ? {} : { sameAs }), values };
  });
}

/** Values stand as `name (n octets):  hex`, indented, and go on in lines indented further. */
function readValues(lines, indent) {
  const values = {};
  const first = new RegExp(`^ {${indent}}(\\w.*?)(?: \\((\\d+) octets\\))?: {2}(.*)$`);
  const further = new RegExp(`^ {${indent + 3}}((?:[0-9a-f]{2} ?)+)$`);
  let current;
  for (const line of lines) {
    const match = first.exec(line);
    const more = further.exec(line);
    if (match !== null) {
      current = { name: match[1].replace(" (public)", ""), octets: match[2], hex: hexOf(match[3]) };
      values[current.name] = current;
    } else if (more !== null && current !== undefined) {
      current.hex += hexOf(more[1]);
    }
  }
  return Object.fromEntries(
    Object.values(values).map(({ name, octets, hex }) => {
      if (octets !== undefined && hex.length !== 2 * Number(octets)) {
        throw new Error(`${name} has ${hex.length / 2} octets, not ${octets}`);
      }
      return [name, hex];
    }),
  );
}

/** Empty values are written as words. */
const hexOf = (text) =>
  text === "(empty)" || text === "0 (all zero octets)" ? "" : text.replaceAll(" ", "");
