/** A server on the internet that would have Drawbridge ask around at home. */
import { type Attack, type Scene, saysYes } from '../attack.ts';
import { INTERNET } from '../watched-network.ts';

const publicThenOurs = (time: number): readonly string[] => [time === 1 ? INTERNET : '127.0.0.1'];

/** Spellings of places at home, for every place where a server may name one. */
const challenged: readonly (readonly [
  name: string,
  named: (at: Scene) => string,
  refusedWith?: Attack['refusedWith'],
])[] = [
  ['this machine', (at) => `http://127.0.0.1:${at.trap}/prm`],
  ['localhost', (at) => `http://localhost:${at.trap}/prm`],
  ['a name under localhost', (at) => `http://evil.localhost:${at.trap}/prm`],
  ['this machine as one decimal number', (at) => `https://2130706433:${at.trap}/prm`],
  ['this machine in hexadecimal', (at) => `https://0x7f.1:${at.trap}/prm`],
  ['this machine in octal', (at) => `https://0177.0.0.01:${at.trap}/prm`],
  ['this machine in IPv6', (at) => `https://[::1]:${at.trap}/prm`],
  ['this machine in IPv4 in IPv6', (at) => `https://[::ffff:127.0.0.1]:${at.trap}/prm`],
  ['this machine as NAT64', (at) => `https://[64:ff9b::7f00:1]:${at.trap}/prm`],
  [
    'this machine in circled letters',
    (at) => `http://\u24db\u24de\u24d2\u24d0\u24db\u24d7\u24de\u24e2\u24e3:${at.trap}/prm`,
  ],
  ['every interface', (at) => `https://0.0.0.0:${at.trap}/prm`],
  ['a private address', () => 'https://10.0.0.5/prm'],
  ['a private address in IPv4 in IPv6', () => 'https://[::ffff:10.0.0.1]/prm'],
  ['a private address of IPv6', () => 'https://[fd00::1]/prm'],
  ['an address of a VPN', () => 'https://100.64.0.1/prm'],
  ['the metadata service', () => 'https://169.254.169.254/latest/meta-data/'],
  [
    'the metadata service without https',
    () => 'http://169.254.169.254/latest/meta-data/',
    'insecure-url',
  ],
  ['the metadata service in IPv6', () => 'https://[fd00:ec2::254]/latest/'],
  ['the metadata service by name', () => 'https://metadata.google.internal/'],
  ['a user name before a private address', () => 'https://mcp.evil.example@10.0.0.5/prm'],
];

const from = 'the internet';
const names = { 'metadata.google.internal': () => ['169.254.169.254'] };

export const steering: readonly Attack[] = [
  ...challenged.map(
    ([name, named, refusedWith = 'address-refused']): Attack => ({
      name: `a challenge that names ${name}`,
      refusedWith,
      ...{ from, names },
      pages: (at) => ({
        '/mcp': {
          status: 401,
          headers: { 'www-authenticate': `Bearer resource_metadata="${escaped(named(at))}"` },
        },
      }),
    }),
  ),
  {
    name: 'an authorization server on this machine',
    refusedWith: 'address-refused',
    from,
    resource: (at) => ({ authorization_servers: [`http://127.0.0.1:${at.trap}`] }),
  },
  {
    name: 'an authorization server whose name is for a private address',
    refusedWith: 'address-refused',
    from,
    names: { 'intranet.evil.example': () => ['192.168.7.7'] },
    resource: () => ({ authorization_servers: ['https://intranet.evil.example'] }),
  },
  {
    name: 'a place to register on this machine',
    refusedWith: 'address-refused',
    from,
    metadata: (at) => ({ registration_endpoint: `http://localhost:${at.trap}/register` }),
  },
  {
    name: 'a place for tokens on this machine',
    refusedWith: 'address-refused',
    from,
    metadata: (at) => ({ token_endpoint: `http://127.0.0.1:${at.trap}/token` }),
    browser: saysYes,
  },
  {
    name: 'a place for tokens without https',
    refusedWith: 'insecure-url',
    from,
    metadata: () => ({ token_endpoint: 'http://mcp.evil.example/token' }),
    browser: saysYes,
  },
  {
    name: 'a place for tokens at the metadata service',
    refusedWith: 'address-refused',
    metadata: () => ({ token_endpoint: 'https://169.254.169.254/token' }),
    browser: saysYes,
  },
  {
    name: 'a name that is public when looked at and ours when connected to',
    refusedWith: 'address-refused',
    names: { 'rebinds.evil.example': publicThenOurs },
    typed: (at) => `https://rebinds.evil.example:${at.trap}/mcp`,
  },
  {
    name: 'a name that is private when looked at and ours when connected to',
    refusedWith: 'address-refused',
    names: { 'rebinds.evil.example': (time) => [time === 1 ? '10.0.0.5' : '127.0.0.1'] },
    typed: (at) => `https://rebinds.evil.example:${at.trap}/mcp`,
  },
  {
    name: 'a name that becomes ours between two requests',
    refusedWith: 'address-refused',
    from,
    names: { 'mcp.evil.example': (time) => [time <= 2 ? INTERNET : '127.0.0.1'] },
  },
];

/** Header values are bytes: other letters travel percent-encoded, and come out the same. */
const escaped = (address: string): string =>
  address.replace(/[^\x20-\x7e]/g, (letter) => encodeURIComponent(letter));
