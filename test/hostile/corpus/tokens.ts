/** What a token endpoint may answer in the place of tokens. */
import { type Attack, goodTokens, PHISHING, type Scene, saysYes } from '../attack.ts';

type Row = readonly [
  name: string,
  body: object | string | null | ((at: Scene) => object),
  status?: number,
  refusedWith?: Attack['refusedWith'],
];

const withTokens = (members: object): object => ({ ...goodTokens, ...members });

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An ID token as the attacker would like it. */
const idToken = (at: Scene, claims: object = {}, header: object = { alg: 'RS256' }): string => {
  const now = Math.floor(Date.now() / 1000);
  const said = {
    iss: at.origin,
    aud: 'attacked',
    sub: 'ada',
    iat: now,
    exp: now + 3600,
    email: PHISHING,
  };
  return `${part(header)}.${part({ ...said, ...claims })}.c2lnbmVk`;
};
const withIdToken =
  (claims: object, header?: object) =>
  (at: Scene): object =>
    withTokens({ id_token: idToken(at, claims, header) });

const rows: readonly Row[] = [
  ['a token with a header behind it', withTokens({ access_token: 'a\r\nX-Admin: 1' })],
  ['a token that is no ASCII', withTokens({ access_token: 'a\u0100b' })],
  ['a token with a zero byte', withTokens({ access_token: 'a\0b' })],
  ['an empty token', withTokens({ access_token: '' })],
  ['a token that is a number', withTokens({ access_token: 7 })],
  ['a token of 100 kB', withTokens({ access_token: 'x'.repeat(100 * 1024) })],
  ['a refresh token that is an object', withTokens({ refresh_token: {} })],
  ['a refresh token of 100 kB', withTokens({ refresh_token: 'x'.repeat(100 * 1024) })],
  ['tokens of no type', { access_token: 'a' }],
  ['tokens of another type', withTokens({ token_type: 'mac' })],
  ['tokens with words for a type', withTokens({ token_type: PHISHING })],
  ['a life of less than nothing', withTokens({ expires_in: -1 })],
  ['a life in words', withTokens({ expires_in: 'soon' })],
  ['scopes in a list', withTokens({ scope: ['read'] })],
  ['a list', [goodTokens]],
  ['null', null],
  ['a web page', `<h1>${PHISHING}</h1>`],
  ['a success that is an error', { error: 'invalid_grant', error_description: PHISHING }],
  [
    'an error with words of its own',
    { error: 'invalid_grant', error_description: PHISHING },
    400,
    'sign-in-refused',
  ],
  ['an error that is a part of every object', { error: 'constructor' }, 400, 'sign-in-refused'],
  ['a web page that says no', `<h1>${PHISHING}</h1>`, 403],
  ['an ID token that nobody signed', withIdToken({}, { alg: 'none' })],
  ['an ID token signed with a shared key', withIdToken({}, { alg: 'HS256' })],
  [
    'an ID token of the honest issuer',
    (at: Scene) => withTokens({ id_token: idToken(at, { iss: at.honest.issuer }) }),
  ],
  ['an ID token for somebody else', withIdToken({ aud: 'somebody-else' })],
  ['an ID token for others as well', withIdToken({ aud: ['attacked', 'others'] })],
  ['an ID token that is over', withIdToken({ exp: 1 })],
  ['an ID token of nobody', withIdToken({ sub: undefined })],
  ['an ID token with a nonce that was never sent', withIdToken({ nonce: 'n' })],
  ['an ID token that is none', withTokens({ id_token: 'a.b.c' })],
];

export const tokens: readonly Attack[] = rows.map(
  ([name, body, status = 200, refusedWith = 'server-trouble']) => ({
    ...{ name, refusedWith },
    pages: (at) => ({ '/token': { status, body: typeof body === 'function' ? body(at) : body } }),
    browser: saysYes,
  }),
);
