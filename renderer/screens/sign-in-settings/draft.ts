/** What is settled for a sign-in, as fields that a person edits, and back as the change they made. */
import {
  PROPOSED_REDIRECT,
  type SignInChange,
  type SignInException,
  type SignInKind,
  SignInWish,
} from '../../../shared/contract/sign-in-settings.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';
import {
  type SecretDraft as NamedSecret,
  noSecret,
  referenceTo,
  secretDraftOf,
} from '../credential/secret-draft.ts';

export interface Draft {
  readonly clientId: string;
  readonly redirect: string;
  readonly clientSecret: SecretDraft;
  readonly clientKey: SecretDraft;
  readonly kind: SignInKind;
  readonly identityProvider: string;
  /** With spaces between them, as sign-in services write them. */
  readonly scopes: string;
  /** `name=value`, one a line. */
  readonly parameters: string;
  readonly issuer: string;
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
  readonly resource: string;
  /** Where the client secret stands, if something else keeps it. */
  readonly clientSecretFrom: NamedSecret;
  readonly noBrowser: boolean;
  /** In seconds. */
  readonly timeoutS: string;
  /** The exceptions that were on record when it was opened; they are taken back elsewhere. */
  readonly onRecord: readonly SignInException[];
  /** Those to be put on record as well. */
  readonly allowed: readonly SignInException[];
}

/** `kept`: there is one, and it stays. Otherwise what was typed; left empty, there is none. */
export type SecretDraft = 'kept' | { readonly typed: string };

export type DraftField = keyof Draft;

export const draftOf = (signIn: ServerView['signIn']): Draft => ({
  clientId: signIn?.clientId ?? '',
  redirect: signIn?.redirect ?? (signIn?.clientId === undefined ? PROPOSED_REDIRECT : ''),
  clientSecret: signIn?.hasClientSecret === true ? 'kept' : { typed: '' },
  clientKey: signIn?.hasClientKey === true ? 'kept' : { typed: '' },
  kind: signIn?.kind ?? 'person',
  identityProvider: signIn?.identityProvider ?? '',
  scopes: (signIn?.scopes ?? []).join(' '),
  parameters: Object.entries(signIn?.parameters ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join('\n'),
  issuer: signIn?.issuer ?? '',
  authorizeUrl: signIn?.authorizeUrl ?? '',
  tokenUrl: signIn?.tokenUrl ?? '',
  resource: signIn?.resource ?? '',
  clientSecretFrom:
    signIn?.clientSecretFrom === undefined ? noSecret : secretDraftOf(signIn.clientSecretFrom),
  noBrowser: signIn?.noBrowser === true,
  timeoutS: signIn?.timeoutS === undefined ? '' : String(signIn.timeoutS),
  onRecord: signIn?.exceptions ?? [],
  allowed: [],
});

type Made =
  | { readonly change: SignInChange }
  /** The fields that hold something that cannot be settled. */
  | { readonly wrong: ReadonlySet<DraftField> };

/**
 * What has changed since the draft was opened. A redirect that was only proposed is settled together with a client id, and
 * secrets go with the client they belonged to. `onRecord` are the exceptions that there are by now.
 */
export const changeIn = (
  before: Draft,
  after: Draft,
  onRecord: readonly SignInException[] = [],
): Made => {
  const was = wishIn(before);
  const now = wishIn(after);
  const names = Object.keys(SignInWish.shape) as (keyof SignInWish)[];
  const set: Record<string, unknown> = {};
  const unset: SignInChange['unset'] = [];
  for (const name of names) {
    if (now[name] === undefined && (was[name] !== undefined || isDropped(name, before, after)))
      unset.push(name);
    else if (JSON.stringify(now[name]) !== JSON.stringify(was[name])) set[name] = now[name];
  }
  const allowed = after.kind === 'person' ? after.allowed : [];
  if (allowed.length > 0) set['exceptions'] = [...new Set([...onRecord, ...allowed])];
  const parsed = SignInWish.safeParse(set);
  const wrong = new Set(
    parsed.success ? [] : parsed.error.issues.map(({ path }) => path[0] as DraftField),
  );
  for (const field of faultsIn(after, now)) wrong.add(field);
  if (parametersIn(after.parameters) === undefined) wrong.add('parameters');
  if (after.kind === 'enterprise' && after.identityProvider === '') wrong.add('identityProvider');
  return parsed.success && wrong.size === 0 ? { change: { set: parsed.data, unset } } : { wrong };
};

const wishIn = (draft: Draft): SignInWish => {
  const parameters = parametersIn(draft.parameters) ?? {};
  const { kind } = draft;
  const clientId = draft.clientId.trim();
  const redirect = draft.redirect.trim();
  const scopes = draft.scopes.split(/\s+/).filter((scope) => scope !== '');
  const isProposal = redirect === PROPOSED_REDIRECT && clientId === '';
  return {
    ...(kind === 'person' ? {} : { kind }),
    ...(kind === 'enterprise' ? { identityProvider: draft.identityProvider } : {}),
    ...(clientId === '' ? {} : { clientId }),
    ...(redirect === '' || isProposal ? {} : { redirect }),
    ...(scopes.length === 0 ? {} : { scopes }),
    ...(Object.keys(parameters).length === 0 ? {} : { parameters }),
    ...serviceIn(draft),
    ...typed('clientSecret', draft.clientSecret),
    ...typed('clientKey', draft.clientKey),
  };
};

const serviceIn = (draft: Draft): SignInWish => {
  const isPerson = draft.kind === 'person';
  const authorizeUrl = isPerson ? draft.authorizeUrl.trim() : '';
  const [issuer, tokenUrl] = [draft.issuer.trim(), draft.tokenUrl.trim()];
  const [resource, timeout] = [draft.resource.trim(), draft.timeoutS.trim()];
  const clientSecretFrom = referenceTo(draft.clientSecretFrom, '');
  return {
    ...(issuer === '' ? {} : { issuer }),
    ...(authorizeUrl === '' ? {} : { authorizeUrl }),
    ...(tokenUrl === '' ? {} : { tokenUrl }),
    ...(resource === '' ? {} : { resource }),
    ...(clientSecretFrom === undefined ? {} : { clientSecretFrom }),
    ...(isPerson && draft.noBrowser ? { noBrowser: true } : {}),
    ...(isPerson && timeout !== '' ? { timeoutS: Number(timeout) } : {}),
  };
};

/** Whether anything that only few servers need is settled. */
export const namesService = (draft: Draft): boolean => Object.keys(serviceIn(draft)).length > 0;

/** What does not go together. */
const faultsIn = (draft: Draft, wish: SignInWish): readonly DraftField[] => {
  const { clientId, authorizeUrl, tokenUrl, clientSecretFrom } = wish;
  const isNamed = draft.clientSecretFrom.way !== 'none';
  const rows: readonly (readonly [DraftField, boolean])[] = [
    ['authorizeUrl', draft.kind === 'person' && !authorizeUrl && tokenUrl !== undefined],
    ['tokenUrl', !tokenUrl && authorizeUrl !== undefined],
    ['clientId', !clientId && (authorizeUrl ?? tokenUrl ?? clientSecretFrom) !== undefined],
    ['clientSecretFrom', isNamed && (!clientSecretFrom || wish.clientSecret !== undefined)],
  ];
  return rows.filter(([, isWrong]) => isWrong).map(([field]) => field);
};

const typed = (name: 'clientSecret' | 'clientKey', draft: SecretDraft): SignInWish => {
  const text = draft === 'kept' ? '' : draft.typed.trim();
  return text === '' ? {} : { [name]: text };
};

/** A secret that was kept, taken away by itself or with its client, and not replaced. */
const isDropped = (name: keyof SignInWish, before: Draft, after: Draft): boolean =>
  (name === 'clientSecret' || name === 'clientKey') &&
  before[name] === 'kept' &&
  (after[name] !== 'kept' || after.clientId.trim() === '');

/** Undefined when they cannot be told apart. */
const parametersIn = (text: string): Record<string, string> | undefined => {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pairs = lines.map((line): [string, string] => {
    const [name = '', ...value] = line.split('=');
    return [name.trim(), value.length === 0 ? '' : value.join('=').trim()];
  });
  return lines.every((line) => /^[^=]*\S[^=]*=/.test(line)) ? Object.fromEntries(pairs) : undefined;
};
