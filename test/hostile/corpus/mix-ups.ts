/** Two authorization servers, one of them the attacker's, and what belongs to the one given to the other (RFC 9207). */
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import {
  type Attack,
  metadataPath,
  type Pages,
  PHISHING,
  resourcePath,
  type Scene,
  type Visit,
} from '../attack.ts';

const issues = { authorization_response_iss_parameter_supported: true };
const spares = ['/token'];
const code = 'fake-code';

/** The attacker registers Drawbridge at the honest server, in its own name. */
const registersThere = ({ honest }: Scene): Pages => ({
  '/register': async (res, body) => {
    const published = await fetch(honest.issuer + metadataPath);
    const { registration_endpoint } = (await published.json()) as { registration_endpoint: string };
    const answer = await fetch(registration_endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    res.writeHead(answer.status, { 'content-type': 'application/json' });
    res.end(await answer.text());
  },
});

const answers: readonly (readonly [
  name: string,
  parameters: (at: Scene) => Readonly<Record<string, string | readonly string[]>>,
  refusedWith?: Attack['refusedWith'],
])[] = [
  ['a code in the name of the honest server', (at) => ({ code, iss: at.honest.issuer })],
  ['a code in nobody\u2019s name, though names were promised', () => ({ code })],
  ['a code in its name with a slash', (at) => ({ code, iss: `${at.origin}/` })],
  ['a code in its name in capitals', (at) => ({ code, iss: at.origin.toUpperCase() })],
  [
    'a token instead of a code',
    (at) => ({ access_token: 'injected', iss: at.origin }),
    'server-trouble',
  ],
  ['a code and an ID token', (at) => ({ code, id_token: 'a.b.c', iss: at.origin })],
  ['an answer that only a key could open', (at) => ({ response: 'a.b.c', iss: at.origin })],
  [
    'an error in the name of the honest server',
    (at) => ({ error: 'server_error', error_description: PHISHING, iss: at.honest.issuer }),
  ],
  [
    'an error with words of its own',
    (at) => ({
      error: 'invalid_request',
      error_description: PHISHING,
      error_uri: 'https://evil.example',
      iss: at.origin,
    }),
    'sign-in-refused',
  ],
  [
    'an error that is words of its own',
    (at) => ({ error: PHISHING, iss: at.origin }),
    'sign-in-refused',
  ],
  [
    'an error named like a part of every object',
    (at) => ({ error: '__proto__', iss: at.origin }),
    'sign-in-refused',
  ],
  [
    'a code and an error',
    (at) => ({ code, error: 'access_denied', iss: at.origin }),
    'access-denied',
  ],
];

export const mixUps: readonly Attack[] = [
  {
    name: 'metadata of the honest issuer with a place for tokens of its own',
    refusedWith: 'issuer-mismatch',
    metadata: (at) => ({ issuer: at.honest.issuer }),
    spares,
  },
  {
    name: 'the same from a server that publishes no resource',
    refusedWith: 'issuer-mismatch',
    pages: (at) => ({
      '/mcp': { status: 401 },
      [resourcePath]: { status: 404 },
      [metadataPath]: {
        body: {
          issuer: at.honest.issuer,
          authorization_endpoint: `${at.honest.issuer}/auth`,
          token_endpoint: `${at.origin}/token`,
          code_challenge_methods_supported: ['S256'],
        },
      },
    }),
    spares,
  },
  {
    name: 'metadata of itself with a slash',
    refusedWith: 'issuer-mismatch',
    metadata: (at) => ({ issuer: `${at.origin}/` }),
    spares,
  },
  {
    name: 'the honest issuer as the user name of its own',
    refusedWith: 'address-refused',
    resource: (at) => ({
      authorization_servers: [`http://${new URL(at.honest.issuer).host}@127.0.0.1:${at.port}`],
    }),
    spares,
  },
  {
    name: 'the page of the honest server and a place for codes of its own',
    refusedWith: 'sign-in-mismatch',
    metadata: (at) => ({ authorization_endpoint: `${at.honest.issuer}/auth` }),
    pages: registersThere,
    browser: ({ page }: Visit) => consentByScript(page.href),
    opensHonestPage: true,
    spares,
  },
  ...answers.map(
    ([name, parameters, refusedWith = 'sign-in-mismatch']): Attack => ({
      name,
      refusedWith,
      metadata: () => issues,
      browser: ({ comeBack }, at) => comeBack(parameters(at)),
      spares,
    }),
  ),
  {
    name: 'a code in the name of the honest server, without a promise',
    refusedWith: 'sign-in-mismatch',
    browser: ({ comeBack }, at) => comeBack({ code, iss: at.honest.issuer }),
    spares,
  },
];
