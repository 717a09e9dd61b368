export { allow, type Rule } from "./allow.ts";
export {
  type AuthorizationQuestion,
  type Authorize,
  describePeer,
  questionAbout,
  roleOf,
  type Verdict,
} from "./authorize.ts";
