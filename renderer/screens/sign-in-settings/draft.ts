/** What is settled for a sign-in, as fields that a person edits, and back as the change they made. */
import {
  PROPOSED_REDIRECT,
  type SignInChange,
  type SignInKind,
  SignInWish,
} from '../../../shared/contract/sign-in-settings.ts';
import type { ServerView } from '../../../shared/contract/snapshot.ts';

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
});

type Made =
  | { readonly change: SignInChange }
  /** The fields that hold something that cannot be settled. */
  | { readonly wrong: ReadonlySet<DraftField> };

/**
 * What has changed since the draft was opened. A redirect that was only proposed is settled together with a client id, and
 * secrets go with the client they belonged to.
 */
export const changeIn = (before: Draft, after: Draft): Made => {
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
  const parsed = SignInWish.safeParse(set);
  const wrong = new Set(
    parsed.success ? [] : parsed.error.issues.map(({ path }) => path[0] as DraftField),
  );
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
    ...typed('clientSecret', draft.clientSecret),
    ...typed('clientKey', draft.clientKey),
  };
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
