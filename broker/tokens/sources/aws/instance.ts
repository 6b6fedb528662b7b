/** The credentials that AWS gives a container, a pod or an instance by itself. */
import { readFile } from 'node:fs/promises';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import type { GuardedFetch } from '../../../net/guarded-fetch.ts';
import { tokenFailure } from '../../../oauth/failures.ts';
import { Secret } from '../../../vault/secret.ts';
import { askJson } from '../ask-json.ts';
import {
  type AwsCredentials,
  type AwsDeps,
  awsCredentials,
  ServedCredentials,
} from './credentials.ts';

const INSTANCES = 'http://169.254.169.254';
const CONTAINERS = 'http://169.254.170.2';
const ROLE = '/latest/meta-data/iam/security-credentials/';
/** Of the token that questions are asked with, which keeps out those who can only make us fetch an address (IMDSv2). s */
const TOKEN_LIFE_S = 300;

/** Rejects like `findCredentials`. */
export const instanceCredentials = async (deps: AwsDeps): Promise<AwsCredentials> => {
  const { env, platform } = deps;
  const {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: full,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint,
  } = env;
  if (relative || full)
    return served(platform, full || `${CONTAINERS}${relative}`, await containerHeaders(deps));
  const base = (endpoint || INSTANCES).replace(/\/+$/, '');
  const token = await text(platform, `${base}/latest/api/token`, 'PUT', {
    'x-aws-ec2-metadata-token-ttl-seconds': `${TOKEN_LIFE_S}`,
  });
  deps.conceal(new Secret(token));
  const headers = { 'x-aws-ec2-metadata-token': token };
  const role = (await text(platform, `${base}${ROLE}`, 'GET', headers)).split('\n')[0] ?? '';
  return served(platform, `${base}${ROLE}${encodeURIComponent(role.trim())}`, headers);
};

const containerHeaders = async ({
  env,
  conceal,
}: Pick<AwsDeps, 'conceal' | 'env'>): Promise<Record<string, string>> => {
  const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } =
    env;
  const authorization = file ? (await readFile(file, 'utf8')).trim() : token;
  if (!authorization) return {};
  conceal(new Secret(authorization));
  return { authorization };
};

const served = async (
  platform: GuardedFetch,
  address: string,
  headers: Record<string, string>,
): Promise<AwsCredentials> => {
  const refused = (): Error => nothingThere();
  const data = await askJson(platform, address, ServedCredentials, { headers, refused });
  const { AccessKeyId, SecretAccessKey, Token, Expiration } = data;
  return awsCredentials(AccessKeyId, SecretAccessKey, Token, 'the metadata service', Expiration);
};

const text = async (
  platform: GuardedFetch,
  address: string,
  method: string,
  headers: Record<string, string>,
): Promise<string> => {
  const answer = await platform(address, { method, headers });
  if (answer.status === 429 || answer.status >= 500) throw tokenFailure('later', 'AWS');
  if (!answer.ok) throw nothingThere();
  return (await answer.text()).trim();
};

const nothingThere = (): ProblemError =>
  new ProblemError('source-failed', 'AWS has given this machine no role', {
    hint: 'attach one to the instance, the task or the service account of the pod',
  });
