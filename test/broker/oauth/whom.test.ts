/** What is a server told of whom a sign-in is for? */
import { describe, expect, it } from 'vitest';
import { accountParameters, anybody, type Whom } from '../../../broker/oauth/whom.ts';

const issuer = 'https://issuer.example';
const metadata = { issuer, token_endpoint: `${issuer}/token` };
const knownAs = (label: string, from = issuer): Partial<Whom> => ({
  known: { label, issuer: from },
});
const asked = (whom: Partial<Whom>, consents = false, prompts?: string[]) =>
  accountParameters(
    { ...anybody, ...whom },
    { ...metadata, prompt_values_supported: prompts },
    consents,
  );

describe('a sign-in', () => {
  it.each<[string, Partial<Whom>, boolean, Record<string, string>]>([
    ['for the first time', {}, false, {}],
    ['that needs a consent', {}, true, { prompt: 'consent' }],
    ['by one of several', { oneOfSeveral: true }, false, { prompt: 'select_account' }],
    [
      'by one of several, with a consent',
      { oneOfSeveral: true },
      true,
      { prompt: 'select_account consent' },
    ],
    ['again', knownAs('ada@example.com'), false, { login_hint: 'ada@example.com' }],
    [
      'again by one of several',
      { ...knownAs('ada'), oneOfSeveral: true },
      true,
      { login_hint: 'ada', prompt: 'consent' },
    ],
    [
      'as somebody else',
      { ...knownAs('ada@example.com'), choose: true },
      true,
      { prompt: 'select_account consent' },
    ],
    ['at another issuer', knownAs('ada@example.com', 'https://other.example'), false, {}],
    [
      'at another issuer by one of several',
      { ...knownAs('ada@example.com', 'https://other.example'), oneOfSeveral: true },
      false,
      { prompt: 'select_account' },
    ],
    ['by a whole name', knownAs('Ada Lovelace'), false, {}],
    ['by letters that no account has', knownAs('ada\u202e@example.com'), false, {}],
    ['by a name that was cut', knownAs('a'.repeat(100)), false, {}],
  ])('%s sends %o', (_what, whom, consents, parameters) => {
    expect(asked(whom, consents)).toEqual(parameters);
  });

  it.each([
    [['login', 'consent', 'select_account'], { prompt: 'select_account' }],
    [['login', 'consent'], { prompt: 'login' }],
    [['consent'], {}],
  ])('to a server that offers %j asks for no more than that', (prompts, parameters) => {
    expect(asked({ choose: true }, false, prompts)).toEqual(parameters);
  });
});
