/** What Google Cloud itself says of the machine, container or function that asks. */
import { z } from 'zod';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { tokenFailure } from '../../../oauth/failures.ts';
import type { Given, GoogleDeps, Wish } from './google.ts';

const PLACE = '169.254.169.254';
const ACCOUNT = '/computeMetadata/v1/instance/service-accounts/default';
/** Both sides say it: no browser can be made to send it, and nothing else that is at this address answers it. */
const FLAVOR = 'metadata-flavor';

const AccessToken = z.object({ access_token: z.string(), expires_in: z.number() });

/** Rejects like `tokenFor`. */
export const metadataToken = async (
  { scopes, audience }: Wish,
  { platform, env }: Pick<GoogleDeps, 'platform' | 'env'>,
): Promise<Given> => {
  const base = `http://${env['GCE_METADATA_HOST'] || PLACE}${ACCOUNT}`;
  const query = new URLSearchParams({
    ...(scopes === undefined ? {} : { scopes: scopes.join(',') }),
    ...(audience === undefined ? {} : { audience, format: 'full' }),
  });
  const address = `${base}/${audience === undefined ? 'token' : 'identity'}?${query.toString()}`;
  const answer = await platform(address, { headers: { [FLAVOR]: 'Google' } }).catch(
    (error: unknown) => {
      throw isNobody(error) ? nothingHere(error) : error;
    },
  );
  if (answer.headers.get(FLAVOR) !== 'Google') throw nothingHere();
  if (answer.status === 429 || answer.status >= 500) throw tokenFailure('later', 'Google Cloud');
  if (!answer.ok)
    throw new ProblemError('source-failed', 'this machine has no service account of Google', {
      hint: 'attach one to it, and allow the scopes that are asked for',
    });
  if (audience !== undefined) return { token: (await answer.text()).trim() };
  const { data } = AccessToken.safeParse(await answer.json().catch(() => undefined));
  if (data === undefined)
    throw new ProblemError('bad-answer', 'the metadata service answered otherwise than Google’s');
  return { token: data.access_token, lifeS: data.expires_in };
};

const isNobody = (error: unknown): boolean =>
  error instanceof ProblemError &&
  (error.code === 'server-unreachable' || error.code === 'server-too-slow');

const nothingHere = (cause?: unknown): ProblemError =>
  new ProblemError('source-failed', 'this machine has no default credentials of Google', {
    hint: 'gcloud auth application-default login, or name the key of a service account',
    cause,
  });
