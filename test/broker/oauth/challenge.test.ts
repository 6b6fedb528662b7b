import { describe, expect, it } from 'vitest';
import { oauthChallenge, parseChallenges } from '../../../broker/oauth/challenge.ts';
import { expectUnder } from '../../doubles/timing.ts';

/** A readable form: `[scheme, { name: value }]`. */
const read = (header: string | null) =>
  parseChallenges(header).map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]);

describe('the challenges in a header (A4, A9)', () => {
  it.each<[string, string | null, unknown]>([
    ['no header', null, []],
    ['an empty one', '  ', []],
    ['a bare scheme', 'Bearer', [['bearer', {}]]],
    [
      'one challenge, as MCP servers send it',
      'Bearer scope="a b", resource_metadata="https://x.example/.well-known/oauth-protected-resource/mcp"',
      [
        [
          'bearer',
          {
            scope: 'a b',
            resource_metadata: 'https://x.example/.well-known/oauth-protected-resource/mcp',
          },
        ],
      ],
    ],
    [
      'names and schemes in any case, values as sent',
      'BEARER Realm="ThE"',
      [['bearer', { realm: 'ThE' }]],
    ],
    [
      'a value without quotes',
      'Bearer error=invalid_token',
      [['bearer', { error: 'invalid_token' }]],
    ],
    [
      'spaces around the signs',
      'Bearer  realm = "x" ,  scope= "y"',
      [['bearer', { realm: 'x', scope: 'y' }]],
    ],
    [
      'several challenges in one header (A9)',
      'Basic realm="door", Bearer resource_metadata="https://x.example/m", DPoP algs="ES256 PS256"',
      [
        ['basic', { realm: 'door' }],
        ['bearer', { resource_metadata: 'https://x.example/m' }],
        ['dpop', { algs: 'ES256 PS256' }],
      ],
    ],
    [
      'a comma and another scheme inside quotes',
      'Basic realm="one, Bearer scope=\\"no\\", two", Bearer scope="yes"',
      [
        ['basic', { realm: 'one, Bearer scope="no", two' }],
        ['bearer', { scope: 'yes' }],
      ],
    ],
    ['escapes', 'Bearer realm="a\\\\b\\"c\\d"', [['bearer', { realm: 'a\\b"cd' }]]],
    [
      'an opaque word before another challenge',
      'Negotiate YIIabc+/==, Bearer scope="x"',
      [
        ['negotiate', {}],
        ['bearer', { scope: 'x' }],
      ],
    ],
    ['an opaque word alone', 'Negotiate YIIabc==', [['negotiate', {}]]],
    [
      'bare schemes in a row',
      'Negotiate, NTLM, Bearer scope="x"',
      [
        ['negotiate', {}],
        ['ntlm', {}],
        ['bearer', { scope: 'x' }],
      ],
    ],
    [
      'a bare scheme at the end',
      'Negotiate, Bearer',
      [
        ['negotiate', {}],
        ['bearer', {}],
      ],
    ],
    [
      'empty list members, which RFC 9110 section 5.6.1 lets a sender leave',
      ', Basic realm="x",, ,Bearer scope="y",',
      [
        ['basic', { realm: 'x' }],
        ['bearer', { scope: 'y' }],
      ],
    ],
    [
      'a space before the comma of a bare scheme',
      'Negotiate , Bearer scope="x"',
      [
        ['negotiate', {}],
        ['bearer', { scope: 'x' }],
      ],
    ],
    [
      'a comma forgotten between parameters',
      'Bearer realm="x" resource_metadata="https://x.example/m"',
      [['bearer', { realm: 'x', resource_metadata: 'https://x.example/m' }]],
    ],
    ['a quote that never ends', 'Bearer scope="x', [['bearer', {}]]],
    [
      'only the part before the junk',
      'Bearer scope="x", \u00a7\u00a7\u00a7',
      [['bearer', { scope: 'x' }]],
    ],
    ['junk alone', '"""', []],
  ])('reads %s', (_name, header, expected) => {
    expect(read(header)).toEqual(expected);
  });

  const size = 100_000;
  it.each<[string, string]>([
    ['a list of commas and letters', 'a,'.repeat(size / 2)],
    ['letters and spaces', 'a '.repeat(size / 2)],
    ['one endless word', 'a'.repeat(size)],
    ['one endless word with a quote behind', `${'a'.repeat(size)}"`],
    ['a quote that never ends', `Bearer x="${'a'.repeat(size)}`],
    ['nothing but backslashes in a quote', `Bearer x="${'\\'.repeat(size)}`],
    ['nothing but spaces before junk', `Bearer x${' '.repeat(size)}"`],
    ['spaces after a value', `Bearer x="y"${' '.repeat(size)}"`],
    ['empty parameters', `Bearer ${'a="",'.repeat(size / 5)}"`],
    ['equal signs', `Bearer ${'='.repeat(size)}`],
    ['an opaque word with signs in it', `Bearer ${'a='.repeat(size / 2)}"`],
    ['quotes in a row', `Bearer x=${'"'.repeat(size)}`],
    ['commas', `Bearer ${','.repeat(size)}"`],
    ['commas and spaces', `Bearer ${', '.repeat(size / 2)}"`],
  ])('reads 100 kB of %s without losing its time (A41)', async (_name, header) => {
    // When each position looks at the whole rest, it takes hundreds of times as long as an honest header.
    const read = (text: string) => () => parseChallenges(text);
    await expectUnder(100, read(header), read(honest));
  });
});

const honest = Array.from(
  { length: 2_500 },
  (_one, index) => `Bearer realm="r${index}", error="no"`,
).join(', ');

describe('the challenge that concerns OAuth (A4)', () => {
  it.each<[string, string, unknown]>([
    ['is not Basic', 'Basic realm="x"', undefined],
    ['may stand behind Basic', 'Basic realm="x", Bearer scope="y"', { scope: 'y' }],
    [
      'may be a DPoP one',
      'DPoP algs="ES256", resource_metadata="https://x.example/m"',
      {
        algs: 'ES256',
        resource_metadata: 'https://x.example/m',
      },
    ],
    ['is the first of two', 'Bearer scope="a", DPoP scope="b"', { scope: 'a' }],
    [
      'is the one that says where the metadata is',
      'Bearer, DPoP algs="ES256", resource_metadata="https://x.example/m"',
      { algs: 'ES256', resource_metadata: 'https://x.example/m' },
    ],
  ])('%s', (_name, header, expected) => {
    const found = oauthChallenge(header);
    expect(found && Object.fromEntries(found.parameters)).toEqual(expected);
  });
});
