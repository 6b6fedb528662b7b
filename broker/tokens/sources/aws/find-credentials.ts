/** Where the credentials for AWS are: what was given, what the cloud gives its machines, a profile, or the environment. */
import type { TokenSourceOf } from '../../../../shared/contract/token-sources.ts';
import {
  type AwsCredentials,
  type AwsDeps,
  awsCredentials,
  environmentCredentials,
} from './credentials.ts';
import { instanceCredentials } from './instance.ts';
import { profileCredentials } from './profile.ts';
import { assumeWithWebIdentity } from './roles.ts';

/**
 * Rejects with a `ProblemError`, or with a `TokenFailure` for what passes.
 *
 * In the order of AWS's own tools, but for the metadata service, which is asked only where that was wished for.
 */
export const findCredentials = async (
  settings: TokenSourceOf<'aws-sigv4'>,
  deps: AwsDeps,
  signal: AbortSignal,
): Promise<AwsCredentials> => {
  const { accessKeyId, secretAccessKey, sessionToken, instance, profile, region } = settings;
  const { env, resolve } = deps;
  if (accessKeyId !== undefined && secretAccessKey !== undefined)
    return awsCredentials(
      (await resolve(accessKeyId)).reveal(),
      (await resolve(secretAccessKey)).reveal(),
      sessionToken && (await resolve(sessionToken)).reveal(),
      'what was named',
    );
  if (instance) return instanceCredentials(deps);
  const asProfile = (name: string): Promise<AwsCredentials> =>
    profileCredentials(name, region, deps, signal);
  if (profile !== undefined) return asProfile(profile);
  const fromEnvironment = environmentCredentials(env);
  if (fromEnvironment !== undefined) return fromEnvironment;
  // How EKS gives a pod its role.
  const { AWS_ROLE_ARN: role, AWS_WEB_IDENTITY_TOKEN_FILE: file } = env;
  if (role && file) {
    const wish = { role, session: env['AWS_ROLE_SESSION_NAME'], region };
    return assumeWithWebIdentity(wish, file, deps);
  }
  return asProfile(env['AWS_PROFILE'] || 'default');
};
