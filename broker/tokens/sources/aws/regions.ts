/** The addresses that AWS has in a region, or those that stand in the environment in their place. */
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { AwsDeps } from './credentials.ts';

/** Beginnings of regions that are no part of the internet's AWS. */
const domains: readonly (readonly [RegExp, string])[] = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^us-iso-/, 'c2s.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov'],
  [/^eusc-/, 'amazonaws.eu'],
];

const variables = {
  sts: 'AWS_ENDPOINT_URL_STS',
  'portal.sso': 'AWS_ENDPOINT_URL_SSO',
  oidc: 'AWS_ENDPOINT_URL_SSO_OIDC',
} as const;

/** Without a slash at the end. Throws `source-failed` for what is no region: it becomes a part of a host name. */
export const addressOf = (
  service: keyof typeof variables,
  region: string | undefined,
  env: AwsDeps['env'],
): string => {
  const elsewhere = env[variables[service]];
  if (elsewhere) return elsewhere.replace(/\/+$/, '');
  if (region === undefined || !/^[a-z0-9-]{1,40}$/.test(region))
    throw new ProblemError('source-failed', 'a profile of AWS names no region that there is', {
      hint: 'look at region and sso_region in ~/.aws/config',
    });
  const domain = domains.find(([begins]) => begins.test(region))?.[1] ?? 'amazonaws.com';
  return `https://${service}.${region}.${domain}`;
};
