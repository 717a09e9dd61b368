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
