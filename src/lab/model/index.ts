/** The model of a connection that is searched. */
export { explore, type ModelReport } from "./model.ts";
