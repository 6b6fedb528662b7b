/** Redirects to where nothing may be asked, or with what may not be sent on. */
import { type Attack, metadataPath, resourcePath, type Scene, saysYes } from '../attack.ts';

const to = (location: string, status = 302) => ({ status, headers: { location } });

type Row = readonly [
  name: string,
  refusedWith: Attack['refusedWith'],
  location: (at: Scene) => string,
  from?: Attack['from'],
];

const ofDocuments: readonly Row[] = [
  ['to the metadata service', 'address-refused', () => 'https://169.254.169.254/latest/'],
  ['to a private address', 'address-refused', () => 'https://10.0.0.5/'],
  [
    'from the internet to this machine',
    'address-refused',
    (at) => `http://127.0.0.1:${at.trap}/`,
    'the internet',
  ],
  [
    'from https to http',
    'insecure-url',
    (at) => `http://mcp.evil.example:${at.port}/`,
    'the internet',
  ],
  ['to a file', 'insecure-url', () => 'file:///etc/passwd'],
  ['to a document in the address', 'insecure-url', () => 'data:application/json,{}'],
  ['to a user name before a host', 'address-refused', (at) => `http://good@127.0.0.1:${at.port}/`],
  ['that leads to itself', 'redirect-refused', (at) => at.origin + resourcePath],
  ['to no address', 'redirect-refused', () => 'http://['],
];

export const redirects: readonly Attack[] = [
  ...ofDocuments.map(
    ([name, refusedWith, location, from]): Attack => ({
      name: `of a document ${name}`,
      refusedWith,
      ...(from === undefined ? {} : { from }),
      pages: (at) => ({ [resourcePath]: to(location(at)) }),
    }),
  ),
  {
    name: 'of a document to this machine after one that is fine',
    refusedWith: 'address-refused',
    from: 'the internet',
    pages: (at) => ({ [metadataPath]: to('/next'), '/next': to(`http://[::1]:${at.trap}/`) }),
  },
  {
    name: 'of a document a thousand times',
    refusedWith: 'redirect-refused',
    pages: () =>
      Object.fromEntries(
        Array.from({ length: 1000 }, (_none, hop) => [
          hop === 0 ? resourcePath : `/hop/${hop}`,
          to(`/hop/${hop + 1}`),
        ]),
      ),
    spares: ['/hop/4'],
  },
  {
    name: 'of the first question to another program',
    refusedWith: 'redirect-refused',
    typed: (at) => `${at.origin}/moved`,
    pages: (at) => ({ '/moved': to(`http://127.0.0.1:${at.trap}/mcp`, 307) }),
  },
  {
    name: 'of a registration to another program',
    refusedWith: 'redirect-refused',
    pages: (at) => ({ '/register': to(`http://127.0.0.1:${at.trap}/register`, 308) }),
  },
  {
    name: 'of a token request, code and all, to another program',
    refusedWith: 'server-trouble',
    pages: (at) => ({ '/token': to(`http://127.0.0.1:${at.trap}/token`, 307) }),
    browser: saysYes,
  },
  {
    name: 'of a token request to the same server',
    refusedWith: 'server-trouble',
    pages: () => ({ '/token': to('/elsewhere', 307) }),
    browser: saysYes,
    spares: ['/elsewhere'],
  },
];
