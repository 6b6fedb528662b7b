/** Whom a sign-in is for: what the authorization server is told of it (OpenID Connect Core section 3.1.2.1). */
import type { ServerMetadata } from './metadata.ts';

export interface Whom {
  /** The person wants to choose, whoever the browser is signed in as. */
  readonly choose: boolean;
  /** The server has other accounts, so the browser may be signed in as one of them. */
  readonly oneOfSeveral: boolean;
  /** What `issuer` called them when they were signed in before. */
  readonly known: { readonly label: string; readonly issuer: string } | undefined;
}

export const anybody: Whom = { choose: false, oneOfSeveral: false, known: undefined };

/**
 * The parameters that lead to the right account: who it is where the issuer itself has told, and a choice where nobody
 * knows or another one is wished for. Servers that know neither ignore them (RFC 6749 section 3.1). `consents` where the
 * person has to allow something anyway.
 */
export const accountParameters = (
  { choose, oneOfSeveral, known }: Whom,
  { issuer, prompt_values_supported: prompts }: ServerMetadata,
  consents: boolean,
): Record<string, string> => {
  // Never across issuers: what one called them is none of another's business.
  const hint = !choose && known?.issuer === issuer ? loginIn(known.label) : undefined;
  const chooses = choose || (oneOfSeveral && hint === undefined);
  const prompt = [...(chooses ? choiceAmong(prompts) : []), ...(consents ? ['consent'] : [])];
  return {
    ...(hint === undefined ? {} : { login_hint: hint }),
    ...(prompt.length === 0 ? {} : { prompt: prompt.join(' ') }),
  };
};

/** Where signing in anew is all that is offered, that is a choice as well. */
const choiceAmong = (offered: readonly string[] | undefined): string[] => {
  const found = ['select_account', 'login'].find((prompt) => offered?.includes(prompt) ?? true);
  return found === undefined ? [] : [found];
};

/** A label may be a whole name, or have been cut: neither is anything to sign in with. */
const loginIn = (label: string): string | undefined =>
  /^[\x21-\x7e]{1,99}$/.test(label) ? label : undefined;
