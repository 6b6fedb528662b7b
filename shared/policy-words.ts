/** What all surfaces say of what an administrator has settled. */
import { type PolicyView, policyFeatures } from './contract/policy.ts';

/** One line a rule, as sentences begin. */
export const policyLines = ({
  allowedHosts = {},
  required,
  disabled,
  notice,
}: PolicyView): string[] => [
  ...hostLine('servers', allowedHosts.servers),
  ...hostLine('sign-in services', allowedHosts.signIn),
  ...(required.length === 0 ? [] : [`set for you: ${required.join(', ')}`]),
  ...disabled.map((feature) => `switched off: ${policyFeatures[feature]}`),
  ...(notice === undefined ? [] : [notice]),
];

const hostLine = (what: string, hosts: readonly string[] | undefined): string[] => {
  if (hosts === undefined) return [];
  return [hosts.length === 0 ? `no ${what} at all` : `only these ${what}: ${hosts.join(', ')}`];
};
