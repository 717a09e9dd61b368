export {
  type RenewalEvent,
  Renewer,
  type RenewerOptions,
  type Validity,
  validityOf,
} from "./renewer.ts";
export { Rotating, rotatingTrust, type RotationOptions } from "./rotating.ts";
