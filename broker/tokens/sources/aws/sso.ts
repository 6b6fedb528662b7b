/** Credentials for a sign-in of IAM Identity Center that `aws sso login` has left behind, renewed where that can be done. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { z } from 'zod';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { TokenFailure } from '../../../oauth/failures.ts';
import { readIfPresent, writeAtomically } from '../../../storage/atomic-file.ts';
import { Secret } from '../../../vault/secret.ts';
import { askJson } from '../ask-json.ts';
import { Moment } from '../command.ts';
import { tokenIn } from '../header-value.ts';
import { awsFolder, type Section } from './config-files.ts';
import { type AwsCredentials, type AwsDeps, awsCredentials } from './credentials.ts';
import { addressOf } from './regions.ts';

interface Names {
  readonly profile: string;
  /** Of its `sso-session`, where it has one. */
  readonly session: string | undefined;
}

/** As AWS's own tools keep it, theirs and our members alike. */
const SignIn = z.looseObject({
  accessToken: z.string(),
  expiresAt: Moment,
  refreshToken: z.string().optional(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
});
type SignIn = z.infer<typeof SignIn>;

const Renewed = z.object({
  accessToken: z.string(),
  expiresIn: z.number(),
  refreshToken: z.string().optional(),
});

const RoleCredentials = z.object({
  roleCredentials: z.object({
    accessKeyId: z.string(),
    secretAccessKey: z.string(),
    sessionToken: z.string(),
    /** Unix ms. */
    expiration: z.number(),
  }),
});

/** One that ends sooner is renewed, as AWS's own tools do. ms */
const SOON_MS = 5 * 60_000;

/** Rejects like `findCredentials`. */
export const ssoCredentials = async (
  settings: Section,
  names: Names,
  deps: AwsDeps,
): Promise<AwsCredentials> => {
  const { sso_region: region, sso_account_id: account, sso_role_name: role } = settings;
  const startUrl = settings['sso_start_url'];
  if (startUrl === undefined || account === undefined || role === undefined)
    throw new ProblemError('source-failed', `the profile ${names.profile} is not whole`, {
      hint: 'aws configure sso asks for what is missing',
    });
  const cached = path.join(
    awsFolder(deps.env),
    'sso',
    'cache',
    `${sha1(names.session ?? startUrl)}.json`,
  );
  const token = await signInOf(cached, region, names, deps);
  const query = new URLSearchParams({ role_name: role, account_id: account }).toString();
  const { roleCredentials } = await askJson(
    deps.fetch,
    `${addressOf('portal.sso', region, deps.env)}/federation/credentials?${query}`,
    RoleCredentials,
    {
      headers: { 'x-amz-sso_bearer_token': tokenIn(token, cached).reveal() },
      refused: (status) => (status === 401 ? signInAgain(names) : noRole(role, account)),
    },
  );
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = roleCredentials;
  return awsCredentials(accessKeyId, secretAccessKey, sessionToken, 'AWS', expiration);
};

const hide = ({ conceal }: Pick<AwsDeps, 'conceal'>, ...texts: (string | undefined)[]): void => {
  for (const text of texts) if (text !== undefined) conceal(new Secret(text));
};

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

const signInOf = async (
  file: string,
  region: string | undefined,
  names: Names,
  deps: AwsDeps,
): Promise<string> => {
  const kept = await readSignIn(file, deps);
  if (kept === undefined) throw signInAgain(names);
  const leftMs = kept.expiresAt - deps.now();
  if (leftMs > SOON_MS) return kept.accessToken;
  try {
    return await renew(file, kept, region, names, deps);
  } catch (error) {
    // Somebody else may have been quicker, and what it is renewed with may be good for once only.
    const newer = await readSignIn(file, deps);
    if (newer !== undefined && newer.expiresAt > deps.now()) return newer.accessToken;
    throw error;
  }
};

const readSignIn = async (
  file: string,
  deps: Pick<AwsDeps, 'conceal'>,
): Promise<SignIn | undefined> => {
  try {
    const bytes = await readIfPresent(file);
    const signIn = bytes && SignIn.safeParse(JSON.parse(bytes.toString('utf8'))).data;
    hide(deps, signIn?.accessToken, signIn?.refreshToken, signIn?.clientSecret);
    return signIn;
  } catch {
    // Half written, or none of ours: the person's next sign-in replaces it.
    return undefined;
  }
};

/** The refresh token may be good for once only, so what comes back is kept where AWS's own tools look for it. */
const renew = async (
  file: string,
  kept: SignIn,
  region: string | undefined,
  names: Names,
  { conceal, fetch, env, now }: AwsDeps,
): Promise<string> => {
  const { refreshToken, clientId, clientSecret } = kept;
  if (refreshToken === undefined || clientId === undefined || clientSecret === undefined)
    throw signInAgain(names);
  const askedAt = now();
  const renewed = await askJson(fetch, `${addressOf('oidc', region, env)}/token`, Renewed, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ clientId, clientSecret, grantType: 'refresh_token', refreshToken }),
    refused: () => signInAgain(names),
  });
  hide({ conceal }, renewed.accessToken, renewed.refreshToken);
  const next = {
    ...kept,
    accessToken: renewed.accessToken,
    refreshToken: renewed.refreshToken ?? refreshToken,
    expiresAt: new Date(askedAt + renewed.expiresIn * 1000).toISOString().replace(/\.\d+Z$/, 'Z'),
  };
  await writeAtomically(file, JSON.stringify(next)).catch((cause: unknown) => {
    const problem = {
      code: 'retrying',
      message: `the renewed sign-in of AWS cannot be kept in ${file}`,
    } as const;
    throw new TokenFailure('later', problem, { cause });
  });
  return renewed.accessToken;
};

const signInAgain = ({ profile, session }: Names): ProblemError =>
  new ProblemError('source-failed', `the sign-in of the AWS profile ${profile} has ended`, {
    hint:
      session === undefined
        ? `aws sso login --profile ${profile}`
        : `aws sso login --sso-session ${session}`,
  });

const noRole = (role: string, account: string): ProblemError =>
  new ProblemError('source-failed', `AWS does not give the role ${role} in ${account}`, {
    hint: 'look at sso_role_name and sso_account_id, and whether it is still assigned',
  });
