/** Credentials of a profile: keys that stand in it, a role, a program, or a sign-in of IAM Identity Center. */
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { programEnvironment, secretsOf } from '../command.ts';
import { readConfig, type Section } from './config-files.ts';
import {
  type AwsCredentials,
  type AwsDeps,
  awsCredentials,
  environmentCredentials,
  PrintedCredentials,
} from './credentials.ts';
import { instanceCredentials } from './instance.ts';
import { assumeRole, assumeWithWebIdentity, type RoleWish } from './roles.ts';
import { splitCommand } from './split-command.ts';
import { ssoCredentials } from './sso.ts';

/** A program of a profile has nobody to ask either. ms */
const PROGRAM_MS = 60_000;

/** `region` is for profiles that name none. Rejects like `findCredentials`. */
export const profileCredentials = async (
  name: string,
  region: string,
  deps: AwsDeps,
  signal: AbortSignal,
): Promise<AwsCredentials> => {
  const { profiles, sessions } = await readConfig(deps.env);

  const of = async (each: string, before: readonly string[]): Promise<AwsCredentials> => {
    const profile = profiles.get(each);
    if (profile === undefined) throw noProfile(each);
    const keys = keysIn(profile, each);
    // Whoever a role is taken with is asked for keys first: a profile with a role may be its own source.
    if (keys !== undefined && before.length > 0) return keys;
    if (before.includes(each)) throw circle(each);
    if (profile['role_arn'] !== undefined)
      return ofRole(each, profile, profile['role_arn'], [...before, each]);
    if (keys !== undefined) return keys;
    if (profile['credential_process'] !== undefined)
      return ofProgram(profile['credential_process']);
    const { sso_session: session } = profile;
    if (session !== undefined || profile['sso_start_url'] !== undefined)
      return ssoCredentials(
        { ...profile, ...(session === undefined ? {} : sessions.get(session)) },
        { profile: each, session },
        deps,
      );
    throw unusable(each, profile);
  };

  const ofRole = async (
    each: string,
    profile: Section,
    role: string,
    before: readonly string[],
  ): Promise<AwsCredentials> => {
    const wish: RoleWish = {
      ...{ role, region: profile['region'] ?? region, session: profile['role_session_name'] },
      ...{ externalId: profile['external_id'], lifeS: profile['duration_seconds'] },
    };
    if (profile['web_identity_token_file'] !== undefined)
      return assumeWithWebIdentity(wish, profile['web_identity_token_file'], deps);
    if (profile['mfa_serial'] !== undefined) throw wantsCode(each);
    const source =
      profile['source_profile'] === undefined
        ? await ofCredentialSource(each, profile['credential_source'])
        : await of(profile['source_profile'], before);
    return assumeRole(wish, source, deps);
  };

  const ofCredentialSource = async (
    each: string,
    source: string | undefined,
  ): Promise<AwsCredentials> => {
    const found =
      source === 'Environment'
        ? environmentCredentials(deps.env)
        : source === 'Ec2InstanceMetadata' || source === 'EcsContainer'
          ? await instanceCredentials(deps)
          : undefined;
    if (found !== undefined) return found;
    throw new ProblemError('source-failed', `the profile ${each} has a role, and nobody for it`, {
      hint: 'its source_profile or credential_source leads to no credentials',
    });
  };

  const ofProgram = async (line: string): Promise<AwsCredentials> => {
    const command = splitCommand(line);
    const more = Object.keys(deps.env).filter((variable) => variable.startsWith('AWS_'));
    const env = programEnvironment(deps.env, more);
    return printedBy(
      command[0] ?? '',
      await deps.run(
        { command, env, secrets: secretsOf(env, more), timeoutMs: PROGRAM_MS },
        signal,
      ),
    );
  };

  return of(name, []);
};

const keysIn = (profile: Section, name: string): AwsCredentials | undefined => {
  const { aws_access_key_id: id, aws_secret_access_key: secret } = profile;
  return id === undefined || secret === undefined
    ? undefined
    : awsCredentials(id, secret, profile['aws_session_token'], `the profile ${name}`);
};

const printedBy = (program: string, text: string): AwsCredentials => {
  let printed: unknown;
  try {
    printed = JSON.parse(text);
  } catch {
    // What it printed may be half a secret: none of it is quoted.
  }
  const { data } = PrintedCredentials.safeParse(printed);
  if (data === undefined)
    throw new ProblemError('source-failed', `${program} gave no credential`, {
      hint: 'a credential_process prints JSON with Version 1, AccessKeyId and SecretAccessKey',
    });
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = data;
  return awsCredentials(AccessKeyId, SecretAccessKey, SessionToken, program, Expiration);
};

const noProfile = (name: string): ProblemError =>
  new ProblemError('source-failed', `AWS knows no profile ${JSON.stringify(name)} here`, {
    hint: 'aws configure list-profiles lists them; Drawbridge has to run as the one whose they are',
  });

const circle = (name: string): ProblemError =>
  new ProblemError('source-failed', `the profile ${name} leads back to itself`, {
    hint: 'look at the source_profile of each in ~/.aws/config',
  });

const wantsCode = (name: string): ProblemError =>
  new ProblemError('source-failed', `the role of the profile ${name} wants a code (MFA)`, {
    hint: 'nobody is there to type it: use a profile of IAM Identity Center, or a credential_process',
  });

const unusable = (name: string, profile: Section): ProblemError =>
  new ProblemError('source-failed', `the profile ${name} has no credentials that can be used`, {
    hint:
      profile['login_session'] === undefined
        ? 'it needs keys, a role, a credential_process or a sign-in of IAM Identity Center'
        : 'of aws login: put credential_process = aws configure export-credentials --profile NAME into another profile',
  });
