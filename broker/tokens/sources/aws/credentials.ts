/** Who somebody is at AWS, and the forms that AWS itself writes that in. */
import { z } from 'zod';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { Secret } from '../../../vault/secret.ts';
import { Moment } from '../command.ts';
import { headerValue } from '../header-value.ts';
import type { SourceDeps } from '../source.ts';

export type AwsDeps = Pick<
  SourceDeps,
  'resolve' | 'conceal' | 'run' | 'fetch' | 'platform' | 'env' | 'now'
>;

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret | undefined;
  /** Unix ms; absent for those that do not end. */
  readonly expiresAt?: number | undefined;
}

/** What is worth hiding of them. */
export const secretsOfKeys = ({
  secretAccessKey,
  sessionToken,
}: AwsCredentials): readonly Secret[] =>
  sessionToken === undefined ? [secretAccessKey] : [secretAccessKey, sessionToken];

/** Id and token go into headers. Throws `source-failed` for what no header can carry; `from` says where it came from. */
export const awsCredentials = (
  accessKeyId: string,
  secretAccessKey: string,
  sessionToken: string | undefined,
  from: string,
  expiresAt?: number,
): AwsCredentials => {
  if (!/^\w{1,128}$/.test(accessKeyId) || secretAccessKey === '')
    throw new ProblemError('source-failed', `${from} gave no key of AWS`, {
      hint: 'an id of letters and digits, and the secret that goes with it',
    });
  return {
    ...{ accessKeyId, secretAccessKey: new Secret(secretAccessKey), expiresAt },
    sessionToken:
      sessionToken === undefined || sessionToken === ''
        ? undefined
        : headerValue(new Secret(sessionToken), 'x-amz-security-token'),
  };
};

/** Undefined where there are none. */
export const environmentCredentials = (env: AwsDeps['env']): AwsCredentials | undefined => {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  return id && secret ? awsCredentials(id, secret, token, 'the environment') : undefined;
};

/** What metadata services answer. */
export const ServedCredentials = z.object({
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  Token: z.string().optional(),
  Expiration: Moment.optional(),
});

/** What a `credential_process` prints. */
export const PrintedCredentials = z.object({
  Version: z.literal(1),
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  SessionToken: z.string().optional(),
  Expiration: Moment.optional(),
});
