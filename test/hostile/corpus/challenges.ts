/** `WWW-Authenticate` headers that are monsters. */
import { type Attack, PHISHING, resourcePath, type Scene } from '../attack.ts';
import { raw } from './floods.ts';

type Row = readonly [
  name: string,
  header: (at: Scene) => string | readonly string[],
  refusedWith: Attack['refusedWith'],
  from?: Attack['from'],
];

const steers = 'resource_metadata="https://10.0.0.5/prm"';

const rows: readonly Row[] = [
  ['of 1 MB', () => `Bearer realm="${'x'.repeat(1024 * 1024)}"`, 'server-unreachable'],
  [
    'with a thousand challenges before the one that steers',
    () => `${'Basic, '.repeat(1000)}Bearer ${steers}`,
    'address-refused',
  ],
  [
    'in a hundred headers',
    () => [...Array.from({ length: 100 }, () => 'Digest a="b"'), `DPoP ${steers}`],
    'address-refused',
  ],
  [
    'with two addresses, the good one first',
    (at) => `Bearer resource_metadata="${at.origin}/x", ${steers}`,
    'address-refused',
  ],
  ['with 15 000 backslashes', () => `Basic a="${'\\'.repeat(15_000)}`, 'no-sign-in-service'],
  ['with a quote that never ends', () => `Basic realm="${PHISHING}`, 'no-sign-in-service'],
  ['that asks for a password', () => `Basic realm="${PHISHING}"`, 'no-sign-in-service'],
  ['that names a script', () => 'Bearer resource_metadata="javascript:alert(1)"', 'insecure-url'],
  ['that names a file', () => 'Bearer resource_metadata="file:///etc/passwd"', 'insecure-url'],
  [
    'that names the document itself',
    (at) =>
      `Bearer resource_metadata="data:application/json,${encodeURIComponent(JSON.stringify({ resource: `${at.origin}/mcp` }))}"`,
    'insecure-url',
  ],
  ['that names nothing', () => 'Bearer resource_metadata=""', 'bad-answer'],
  ['that names words', () => `Bearer resource_metadata="${PHISHING}"`, 'bad-answer'],
];

export const challenges: readonly Attack[] = [
  ...rows.map(
    ([name, header, refusedWith, from]): Attack => ({
      name,
      refusedWith,
      ...(from === undefined ? {} : { from }),
      pages: (at) => ({
        '/mcp': (res) => {
          const value = header(at);
          res.setHeader('www-authenticate', typeof value === 'string' ? value : [...value]);
          res.writeHead(401).end();
        },
        // Found by itself, it would make up for what the challenge does not say.
        ...(refusedWith === 'no-sign-in-service' ? { [resourcePath]: { status: 404 } } : {}),
      }),
    }),
  ),
  {
    name: 'with a zero byte',
    refusedWith: 'server-unreachable',
    pages: () => ({ '/mcp': raw('HTTP/1.1 401 No\r\nwww-authenticate: Bearer a="\0"\r\n\r\n') }),
  },
];
