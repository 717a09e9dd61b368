/** Something that the runner asked for did not hold. */
export class Unmet extends Error {
  override readonly name = "Unmet";
}
