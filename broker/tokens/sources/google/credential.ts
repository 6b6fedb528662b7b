/** The files that Google Cloud makes for those who sign in to it, and where the default one lies. */
import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { ProblemError } from '../../../../shared/contract/problems.ts';
import { readIfPresent } from '../../../storage/atomic-file.ts';
import { Secret, secretText } from '../../../vault/secret.ts';
import { headerValue } from '../header-value.ts';

const TOKEN_URL = 'https://oauth2.googleapis.com/token';
const Address = z.string().refine((text) => URL.canParse(text), 'not an address');

const ServiceAccount = z.object({
  type: z.literal('service_account'),
  client_email: z.string(),
  private_key: secretText,
  private_key_id: z.string().optional(),
  token_uri: Address.default(TOKEN_URL),
});

/** A person, as `gcloud auth application-default login` leaves them. */
const AuthorizedUser = z.object({
  type: z.literal('authorized_user'),
  client_id: z.string(),
  client_secret: secretText,
  refresh_token: secretText,
  token_uri: Address.default(TOKEN_URL),
  quota_project_id: z.string().optional(),
});

/** A service account that another one, or a person, may act as. */
const Impersonated = z.object({
  type: z.literal('impersonated_service_account'),
  service_account_impersonation_url: Address,
  delegates: z.array(z.string()).default([]),
  source_credentials: z.discriminatedUnion('type', [ServiceAccount, AuthorizedUser]),
  quota_project_id: z.string().optional(),
});

const File = z.discriminatedUnion('type', [ServiceAccount, AuthorizedUser, Impersonated]);
export type GoogleFile = z.output<typeof File>;
export type GoogleFileOf<K extends GoogleFile['type']> = Extract<GoogleFile, { type: K }>;

export interface Credential {
  readonly file: GoogleFile;
  /** What goes with each request besides the token: whose quota it is counted to. */
  readonly headers?: Readonly<Record<string, Secret>>;
}

/** Throws `source-failed`, and quotes nothing of it. `from` says where it came from. */
export const readCredential = (text: string, from: string): Credential => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable(from, 'it is no JSON');
  }
  const { data } = File.safeParse(value);
  if (data === undefined) {
    const { type } = z.object({ type: z.string() }).catch({ type: '' }).parse(value);
    throw unusable(
      from,
      type.startsWith('external_account')
        ? 'for workload identity federation use a source of the kind token-exchange'
        : 'the key of a service account, or what gcloud auth application-default login leaves',
    );
  }
  const project = 'quota_project_id' in data ? data.quota_project_id : undefined;
  const name = 'x-goog-user-project';
  return {
    file: data,
    ...(project === undefined
      ? {}
      : { headers: { [name]: headerValue(new Secret(project), name) } }),
  };
};

/** Undefined where there is none: then only the cloud itself can say who we are. */
export const defaultCredential = async (
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credential | undefined> => {
  const { GOOGLE_APPLICATION_CREDENTIALS: named } = env;
  const file = named || wellKnown(env);
  const bytes = await readIfPresent(file).catch((cause: unknown) => {
    throw new ProblemError('source-failed', `${file} cannot be read`, { cause });
  });
  if (bytes !== undefined) return readCredential(bytes.toString('utf8'), file);
  if (!named) return undefined;
  throw new ProblemError('source-failed', `there is no file ${file}`, {
    hint: 'GOOGLE_APPLICATION_CREDENTIALS names it',
  });
};

const wellKnown = (env: Readonly<Record<string, string | undefined>>): string => {
  const { CLOUDSDK_CONFIG: folder, APPDATA: windows, HOME: home } = env;
  const ofTools =
    process.platform === 'win32' && windows
      ? path.join(windows, 'gcloud')
      : path.join(home || homedir(), '.config', 'gcloud');
  return path.join(folder || ofTools, 'application_default_credentials.json');
};

const unusable = (from: string, hint: string): ProblemError =>
  new ProblemError('source-failed', `${from} is no credential of Google that can be used`, {
    hint,
  });
