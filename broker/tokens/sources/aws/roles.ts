/** Credentials of a role, for those that may take it (AWS STS). */
import { readFile } from 'node:fs/promises';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { tokenFailure } from '../../../oauth/failures.ts';
import { Moment } from '../command.ts';
import { tokenIn } from '../header-value.ts';
import { type AwsCredentials, type AwsDeps, awsCredentials, secretsOfKeys } from './credentials.ts';
import { addressOf } from './regions.ts';
import { signRequest } from './sign-request.ts';

export interface RoleWish {
  readonly role: string;
  readonly region: string;
  /** What the session is called in the logs of AWS. */
  readonly session?: string | undefined;
  readonly externalId?: string | undefined;
  readonly lifeS?: string | undefined;
}

/** With other credentials. Rejects like `findCredentials`. */
export const assumeRole = (
  wish: RoleWish,
  source: AwsCredentials,
  deps: AwsDeps,
): Promise<AwsCredentials> => {
  for (const secret of secretsOfKeys(source)) deps.conceal(secret);
  return ask('AssumeRole', wish, {}, source, deps);
};

/** With the token that a platform gave a workload, read anew each time. Rejects like `findCredentials`. */
export const assumeWithWebIdentity = async (
  wish: RoleWish,
  file: string,
  deps: AwsDeps,
): Promise<AwsCredentials> => {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ProblemError('source-failed', `${file} cannot be read`, { cause });
  });
  const token = tokenIn(text.trim(), file);
  deps.conceal(token);
  const shown = { WebIdentityToken: token.reveal() };
  return ask('AssumeRoleWithWebIdentity', wish, shown, undefined, deps);
};

const ask = async (
  action: string,
  { role, region, session, externalId, lifeS = '3600' }: RoleWish,
  more: Readonly<Record<string, string>>,
  source: AwsCredentials | undefined,
  { fetch, env, now }: AwsDeps,
): Promise<AwsCredentials> => {
  const url = new URL(`${addressOf('sts', region, env)}/`);
  const body = new URLSearchParams({
    ...{ Action: action, Version: '2011-06-15', RoleArn: role, DurationSeconds: lifeS },
    ...{ RoleSessionName: session ?? 'drawbridge', ...more },
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  }).toString();
  const plain = { 'content-type': 'application/x-www-form-urlencoded' };
  const outgoing = { method: 'POST', url, headers: plain, body: Buffer.from(body) };
  const signed = source && (await signRequest(outgoing, source, { region, service: 'sts' }, now()));
  const answer = await fetch(url, { method: 'POST', headers: { ...plain, ...signed }, body });
  if (answer.status === 429 || answer.status >= 500) throw tokenFailure('later', url.host);
  const text = await answer.text();
  if (!answer.ok) throw refusal(text, role);
  const [id, secret, token, end] = [
    'AccessKeyId',
    'SecretAccessKey',
    'SessionToken',
    'Expiration',
  ].map((name) => new RegExp(`<${name}>\\s*([^<\\s]*)\\s*</${name}>`).exec(text)?.[1]);
  const expiresAt = Moment.safeParse(end).data;
  if (id === undefined || secret === undefined || expiresAt === undefined)
    throw new ProblemError('bad-answer', `${url.host} answered otherwise than AWS does`);
  return awsCredentials(id, secret, token, url.host, expiresAt);
};

const refusal = (text: string, role: string): Error => {
  const code = /<Code>(\w+)<\/Code>/.exec(text)?.[1];
  if (code === 'Throttling' || code === 'IDPCommunicationError')
    return tokenFailure('later', 'AWS');
  return new ProblemError('source-failed', `AWS does not give the role ${role} to whoever asks`, {
    hint:
      code === 'ExpiredToken' || code === 'ExpiredTokenException'
        ? 'what it was asked with has run out'
        : 'check who may take it, the keys it is asked with, and the clock of this machine',
  });
};
