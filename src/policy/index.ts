export { explainByPolicy, judgeFindings, judgeNegotiated, withChainRule } from "./judge.ts";
export {
  acceptsOrigin,
  allowedChainSchemes,
  allowedCredentials,
  allowedGroups,
  allowedKemSchemes,
  allowedSchemes,
  allowedSuites,
  mayResume,
} from "./narrow.ts";
export {
  type Allowed,
  checkPolicy,
  policies,
  type Policy,
  type PolicyName,
  policyOf,
  type OwnRule,
  type PolicyNames,
  type PolicyRule,
  type ResolvedPolicy,
  resolvePolicy,
} from "./policy.ts";
