/** A server that waits until it is trusted with a refresh token. */
import { type Answer, type Attack, goodTokens, PHISHING, type Scene, saysYes } from '../attack.ts';
import { bomb, drip, hundredMegabytes, silence } from './floods.ts';

type Row = readonly [
  name: string,
  answer: (at: Scene) => Answer,
  refusedWith?: Attack['refusedWith'],
];

const rows: readonly Row[] = [
  [
    'that sends the refresh token on to another program',
    (at) => ({ status: 307, headers: { location: `http://127.0.0.1:${at.trap}/token` } }),
  ],
  [
    'that sends the refresh token on to the metadata service',
    () => ({ status: 308, headers: { location: 'https://169.254.169.254/token' } }),
  ],
  ['of 100 MB', () => hundredMegabytes()],
  ['of 100 MB packed by gzip', () => bomb('gzip')],
  ['of one byte at a time', drip],
  ['of silence', silence],
  ['that is a web page', () => ({ body: `<h1>${PHISHING}</h1>` })],
  ['that is a web page that says no', () => ({ status: 403, body: `<h1>${PHISHING}</h1>` })],
  ['that is no object', () => ({ body: [goodTokens] })],
  [
    'that is a failure with words of its own',
    () => ({ status: 500, body: { error: PHISHING, error_description: PHISHING } }),
  ],
  [
    'that asks for a year of patience in words of its own',
    () => ({ status: 429, headers: { 'retry-after': '31536000' }, body: PHISHING }),
  ],
  [
    'that ends the sign-in with words of its own',
    () => ({ status: 400, body: { error: 'invalid_grant', error_description: PHISHING } }),
    'needs-sign-in',
  ],
  [
    'that ends it with a part of every object',
    () => ({ status: 400, body: { error: '__proto__' } }),
    'sign-in-refused',
  ],
];

export const renewals: readonly Attack[] = [
  ...rows.map(
    ([name, answer, refusedWith = 'retrying']): Attack => ({
      ...{ name, refusedWith },
      browser: saysYes,
      renewal: (at) => ({ '/token': answer(at) }),
    }),
  ),
  {
    name: 'and a place to end it on this machine, from the internet',
    refusedWith: 'retrying',
    from: 'the internet',
    metadata: (at) => ({ revocation_endpoint: `http://127.0.0.1:${at.trap}/revoke` }),
    browser: saysYes,
    renewal: () => ({ '/token': { status: 503 } }),
  },
];
