/** Documents that are not what their readers take them for. */
import { type Attack, metadataPath, resourcePath, type Scene } from '../attack.ts';

const DEEP = 100_000;
const deep = '['.repeat(DEEP) + ']'.repeat(DEEP);
const json = { 'content-type': 'application/json' };

/** A resource document, byte for byte. */
const texts: readonly (readonly [
  name: string,
  text: (at: Scene) => string | Buffer,
  refusedWith?: Attack['refusedWith'],
])[] = [
  ['100 000 lists in each other', () => deep],
  ['100 000 lists in the place of a scope', (at) => withMember(at, `"scopes_supported":${deep}`)],
  ['100 000 lists that never close', () => '['.repeat(DEEP)],
  ['its members on the prototype', (at) => `{"__proto__":${good(at)}}`],
  ['its members on the constructor', (at) => `{"constructor":{"prototype":${good(at)}}}`],
  [
    'a good resource, and then another',
    (at) => `{"resource":"${at.origin}/mcp","resource":"${at.honest.url}"}`,
    'resource-mismatch',
  ],
  ['a number that is none', (at) => withMember(at, '"scopes_supported":[NaN]')],
  ['a comment', (at) => `${good(at)}/* more */`],
  ['a list', (at) => `[${good(at)}]`],
  ['null', () => 'null'],
  ['a word', () => '"https://good.example"'],
  ['nothing', () => ''],
  ['UTF-16', (at) => Buffer.from(`\ufeff${good(at)}`, 'utf16le')],
  ['a web page', () => '<!doctype html><title>Sign in</title>'],
  ['the resource as a number', () => '{"resource":7}'],
  ['the resource as an object', () => '{"resource":{"toString":"x"}}'],
  ['null for a list', (at) => withMember(at, '"authorization_servers":null')],
  ['an object for a list', (at) => withMember(at, '"authorization_servers":{"0":"x","length":1}')],
  ['a list in a list', (at) => withMember(at, `"authorization_servers":[["${at.origin}"]]`)],
  [
    'a million scopes',
    (at) => withMember(at, `"scopes_supported":["${'a","'.repeat(1e6)}a"]`),
    'answer-too-large',
  ],
];

const good = ({ origin }: Scene): string =>
  JSON.stringify({ resource: `${origin}/mcp`, authorization_servers: [origin] });

/** The last of two members of one name is the one that counts. */
const withMember = (at: Scene, member: string): string => `${good(at).slice(0, -1)},${member}}`;

const metadata: readonly (readonly [
  name: string,
  members: Readonly<Record<string, unknown>>,
  refusedWith?: Attack['refusedWith'],
])[] = [
  ['the issuer as a number', { issuer: 7 }],
  ['the place for tokens as a list', { token_endpoint: ['https://mcp.good.example/token'] }],
  ['null for the place for tokens', { token_endpoint: null }],
  ['null for the page', { authorization_endpoint: null }],
  ['the PKCE methods as one word that holds S256', { code_challenge_methods_supported: 'noS256' }],
  ['the PKCE methods as an object', { code_challenge_methods_supported: { S256: true } }],
  [
    'a PKCE method that is almost one',
    { code_challenge_methods_supported: ['s256'] },
    'pkce-unsupported',
  ],
  ['truth as a word', { authorization_response_iss_parameter_supported: 'true' }],
  ['scopes that are numbers', { scopes_supported: [1, 2] }],
];

/** What would end in a request of ours, and is no scope (RFC 6749 section 3.3). */
const scopes: readonly (readonly [name: string, scopes: readonly string[]])[] = [
  ['a scope of two lines', ['read\r\nSet-Cookie: a=b']],
  ['a scope with the codes of a terminal', ['read\u001b]52;c;bWFs\u0007']],
  ['a scope with quotes', ['read" onload="alert(1)']],
  ['40 000 scopes', Array.from({ length: 40_000 }, (_none, at) => `s${at}`)],
];

export const jsonTricks: readonly Attack[] = [
  ...texts.map(
    ([name, text, refusedWith = 'bad-answer']): Attack => ({
      name: `a resource document that is ${name}`,
      refusedWith,
      pages: (at) => ({ [resourcePath]: { headers: json, body: text(at) } }),
    }),
  ),
  ...metadata.map(
    ([name, members, refusedWith = 'bad-answer']): Attack => ({
      name: `metadata with ${name}`,
      refusedWith,
      metadata: () => members,
    }),
  ),
  {
    name: 'metadata whose members are on the prototype',
    refusedWith: 'bad-answer',
    pages: (at) => ({
      [metadataPath]: {
        headers: json,
        body: `{"__proto__":{"issuer":"${at.origin}","token_endpoint":"${at.origin}/token"}}`,
      },
    }),
  },
  ...scopes.map(
    ([name, scopes_supported]): Attack => ({
      name: `a resource document with ${name}`,
      refusedWith: 'bad-answer',
      resource: () => ({ scopes_supported }),
    }),
  ),
];
