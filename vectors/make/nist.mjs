/** The first `count` records of a response file; a record begins at each `count =` line. */
export function firstKats(text, count) {
  const records = text.split(/^(?=count = )/m).filter((record) => record.startsWith("count = "));
  const kept = records.slice(0, count);
  return { text: kept.join(""), cases: kept.length, of: records.length };
}

/** The first `count` tests of every group of an ACVP file. */
export function firstOfEachGroup(json, count) {
  const total = (groups) => groups.reduce((sum, { tests }) => sum + tests.length, 0);
  const testGroups = json.testGroups.map((group) => ({
    ...group,
    tests: group.tests.slice(0, count),
  }));
  return { json: { ...json, testGroups }, cases: total(testGroups), of: total(json.testGroups) };
}

const withoutKey = (test) =>
  Object.fromEntries(Object.entries(test).filter(([name]) => name !== "dk"));

/** Of the use of ML-KEM only what gives its randomness: decapsulation gives expanded keys. */
export function encapsulations(json, count) {
  const all = json.testGroups.reduce((sum, { tests }) => sum + tests.length, 0);
  const testGroups = json.testGroups
    .filter((group) => group.function === "encapsulation")
    .map((group) => ({ ...group, tests: group.tests.map(withoutKey) }));
  return { ...firstOfEachGroup({ ...json, testGroups }, count), of: all };
}
