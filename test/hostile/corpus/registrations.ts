/** What an authorization server may answer when Drawbridge registers (RFC 7591). */
import { type Attack, PHISHING } from '../attack.ts';

const rows: readonly (readonly [
  name: string,
  body: unknown,
  status?: number,
  refusedWith?: Attack['refusedWith'],
])[] = [
  ['a web page', `<!doctype html><h1>${PHISHING}</h1>`],
  ['no client id', { client_name: PHISHING }],
  ['an empty client id', { client_id: '' }],
  ['a number', { client_id: 7 }],
  ['null', null],
  ['a list', [{ client_id: 'a' }]],
  ['a client id of two lines', { client_id: 'a\r\nX-Admin: 1' }],
  ['a client id with the codes of a terminal', { client_id: '\u001b[2J' }],
  ['a client id of 300 kB', { client_id: 'x'.repeat(300 * 1024) }],
  ['a client secret that is a list', { client_id: 'a', client_secret: ['b'] }],
  [
    'no, with words of its own',
    { error: 'invalid_redirect_uri', error_description: PHISHING },
    400,
    'redirect-unwelcome',
  ],
  ['no, and it is a part of every object', { error: 'constructor' }, 403],
  ['a failure with words of its own', { error: PHISHING }, 500, 'server-trouble'],
];

export const registrations: readonly Attack[] = rows.map(
  ([name, body, status = 201, refusedWith = 'registration-refused']) => ({
    ...{ name, refusedWith },
    pages: () => ({ '/register': { status, body } }),
  }),
);
