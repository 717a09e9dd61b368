/** Key encodings that repeat what stands beside them, and the origin of a group. */
const redundant = new Set([
  "keyJwk",
  "privateKeyJwk",
  "privateKeyPem",
  "publicKeyJwk",
  "publicKeyPem",
  "source",
]);

/**
 * Keeps the first `perKind` tests of every kind, in the order of the corpus. A kind is a result and
 * a set of flags; where there are no flags, a comment, in which numbers are read alike.
 */
export function trim(corpus, perKind) {
  const seen = new Map();
  const keep = (test) => {
    const flags = (test.flags ?? []).toSorted(byText);
    const comment = (test.comment ?? "").replace(/\d+/g, "#");
    const kind = JSON.stringify([test.result, flags.length > 0 ? flags : comment]);
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return count <= perKind;
  };
  const testGroups = corpus.testGroups
    .map((group) => ({ ...without(group), tests: group.tests.filter(keep) }))
    .filter((group) => group.tests.length > 0);
  const numberOfTests = testGroups.reduce((sum, { tests }) => sum + tests.length, 0);
  return { ...corpus, numberOfTests, testGroups };
}

const without = (group) =>
  Object.fromEntries(Object.entries(group).filter(([name]) => !redundant.has(name)));

const byText = (a, b) => (a < b ? -1 : 1);
