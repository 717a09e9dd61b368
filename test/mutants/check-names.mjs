// @ts-check
export const checkNames = /** @type {const} */ ([
  "tests",
  "catalogue",
  "search",
  "vectors",
  "model",
]);
