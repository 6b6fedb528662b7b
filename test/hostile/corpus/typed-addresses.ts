/** Addresses that are not what they look like. */
import type { Attack } from '../attack.ts';

type Row = readonly [
  name: string,
  typed: Attack['typed'] | string,
  refusedWith: Attack['refusedWith'],
  names?: Readonly<Record<string, readonly string[]>>,
];

const ours = ['127.0.0.1'];

const rows: readonly Row[] = [
  ['a script', 'javascript:alert(document.domain)', 'not-a-url'],
  ['a script behind slashes', 'javascript://good.example/%0aalert(1)', 'unsupported-url'],
  ['a script cut in two by a line', 'java\nscript://good.example/', 'not-a-url'],
  ['a document in the address', 'data:text/html,<script>alert(1)</script>', 'not-a-url'],
  ['a file', 'file:///etc/passwd', 'unsupported-url'],
  ['a file on a share', 'file://evil.example/share/setup.hta', 'unsupported-url'],
  ['a handler of Windows', 'ms-msdt://-id/PCWDiagnostic', 'unsupported-url'],
  ['an ssh option for a host', 'ssh://-oProxyCommand=calc/x', 'unsupported-url'],
  ['plain http', 'http://mcp.evil.example/mcp', 'insecure-url'],
  ['a good host as user name', 'https://mcp.good.example@evil.example/mcp', 'unsupported-url'],
  [
    'a good host and port as login',
    'https://mcp.good.example:443@evil.example/',
    'unsupported-url',
  ],
  [
    'this machine as user name',
    (at) => `http://localhost:${at.trap}@evil.example/`,
    'unsupported-url',
  ],
  ['a backslash before the @', 'https://mcp.good.example\\@evil.example/', 'server-unreachable'],
  ['a zero byte in the host', 'https://evil.example\0.good.example/', 'not-a-url'],
  ['a host that is read from the other end', 'https://good.example\u202e.live/', 'not-a-url'],
  ['an @ in the fragment', 'https://evil.example/mcp#@good.example', 'unsupported-url'],
  ['ideographic full stops', 'http://evil\u3002example/mcp', 'insecure-url'],
  [
    'ideographic full stops in an address',
    'https://169\u3002254\u3002169\u3002254/',
    'address-refused',
  ],
  ['fullwidth digits', 'https://\uff11\uff16\uff19.254.169.254/latest/', 'address-refused'],
  ['a soft hyphen in an address', 'https://169.254.169.\u00ad254/', 'address-refused'],
  ['one decimal number', 'https://2852039166/latest/meta-data/', 'address-refused'],
  ['hexadecimal', 'https://0xa9fea9fe/', 'address-refused'],
  ['octal', 'https://0251.0376.0251.0376/', 'address-refused'],
  ['IPv4 in IPv6', 'https://[::ffff:169.254.169.254]/', 'address-refused'],
  ['NAT64', 'https://[64:ff9b::a9fe:a9fe]/', 'address-refused'],
  ['6to4', 'https://[2002:7f00:1::]/', 'address-refused'],
  ['a link-local address', 'https://[fe80::1]/', 'address-refused'],
  ['a zone id', 'https://[fe80::1%25eth0]/', 'not-a-url'],
  ['the address of every interface', (at) => `https://0:${at.trap}/`, 'address-refused'],
  ['localhost with a dot', (at) => `http://localhost.:${at.trap}/`, 'insecure-url'],
  [
    'localhost with a dot, by https',
    (at) => `https://localhost.:${at.trap}/`,
    'address-refused',
    { 'localhost.': ours },
  ],
  [
    'a name for this machine',
    (at) => `https://home.evil.example:${at.trap}/`,
    'address-refused',
    { 'home.evil.example': ours },
  ],
  [
    'a name for a public and a private address',
    'https://two.evil.example/',
    'address-refused',
    { 'two.evil.example': ['30.0.0.66', '10.0.0.5'] },
  ],
  [
    'a name for the metadata service, in circles',
    'https://\u24dcetadata.google.internal/',
    'address-refused',
    { 'metadata.google.internal': ['169.254.169.254'] },
  ],
  ['the port of a mail server', 'http://127.0.0.1:25/', 'server-unreachable'],
  ['more than 4096 characters', `https://evil.example/${'a'.repeat(4096)}`, 'bad-request'],
];

export const typedAddresses: readonly Attack[] = rows.map(([name, typed, refusedWith, names]) => ({
  ...{ name, refusedWith },
  typed: typeof typed === 'string' ? () => typed : (typed ?? (() => '')),
  names: Object.fromEntries(
    Object.entries(names ?? {}).map(([host, addresses]) => [host, () => addresses]),
  ),
}));
