/** Is a source, or a setting of the door, taken only as it was meant? */
import { describe, expect, it } from 'vitest';
import { DoorSettings } from '../../shared/contract/door.ts';
import { TokenSource, TokenSourceWish } from '../../shared/contract/token-sources.ts';

const service = { tokenUrl: 'https://login.acme.example/token' };
const sources: readonly TokenSource[] = [
  { kind: 'headers', headers: { 'X-Api-Key': '${vault:KEY}' } },
  { kind: 'bearer', token: '${vault:KEY}' },
  { kind: 'command', command: ['x'], env: [], timeoutS: 30 },
  { kind: 'jwt', algorithm: 'RS256', key: '${vault:KEY}', claims: {}, lifeS: 300 },
  { kind: 'snowflake', account: 'a', user: 'u', key: '${vault:KEY}' },
  { kind: 'github-app', app: '1', key: '${vault:KEY}', installation: 1, api: 'https://x.example' },
  {
    ...{ kind: 'token-exchange', ...service, subjectToken: '${file:/x}' },
    subjectTokenType: 'urn:x',
  },
  { kind: 'jwt-bearer', ...service, assertion: '${file:/x}' },
  { kind: 'client-credentials', ...service, clientId: 'c', clientSecret: '${vault:KEY}' },
  {
    ...{ kind: 'entra', tenant: 't', clientId: 'c', resource: 'r', clientSecret: '${vault:KEY}' },
    authority: 'https://x.example',
  },
  { kind: 'google' },
  { kind: 'aws-sigv4', region: 'r', service: 's', instance: true },
];

const whyNot = (schema: typeof TokenSource | typeof DoorSettings, given: unknown): string =>
  schema
    .safeParse(given)
    .error?.issues.map(({ message, path }) => `${path.join('.')}: ${message}`)
    .join() ?? 'taken';

describe.each(sources.map((source) => [source.kind, source] as const))(
  'a source of the kind %s',
  (_kind, source) => {
    it('is taken as it is, and not with a slip in a name', () => {
      expect(TokenSource.parse(source)).toEqual(source);
      expect(whyNot(TokenSource, { ...source, scope: 'a' })).toBe(
        ': there is nothing of the name "scope"',
      );
    });
  },
);

it.each([
  [{ caller: [] }, ': there is nothing of the name "caller"'],
  [
    { verify: { kind: 'jwks', issuer: 'https://x.example', audience: ['a'] } },
    'verify: there is nothing of the name "audience"',
  ],
  [
    { callers: [{ anyone: true, servers: 'every', groups: 'admins' }] },
    'callers.0: there is nothing of the name "groups"',
  ],
])('the door is not set as %j', (settings, why) => {
  expect(whyNot(DoorSettings, settings)).toBe(why);
});

describe('a header', () => {
  const headers = (all: Readonly<Record<string, string>>) => ({ kind: 'headers', headers: all });

  it('that is there twice, in two spellings, is refused', () => {
    const twice = headers({ 'X-Api-Key': '${vault:A}', 'x-api-key': '${vault:B}' });
    expect(whyNot(TokenSource, twice)).toBe('headers: a header is there twice');
  });

  it('that says of what type a token is holds no secret: programmatic access tokens of Snowflake', () => {
    const typed = headers({
      ...{ Authorization: 'Bearer ${vault:PAT}' },
      'X-Snowflake-Authorization-Token-Type': 'PROGRAMMATIC_ACCESS_TOKEN',
    });
    expect(TokenSource.parse(typed)).toEqual(typed);
    expect(whyNot(TokenSource, headers({ Authorization: 'Bearer written-down' }))).toContain(
      'a header for a credential holds it only as',
    );
  });
});

describe('what begins like a reference and can never stand for anything', () => {
  it.each([
    ['${TODOIST_API_TOKEN}', '${TODOIST_API_TOKEN}'],
    ['Bearer ${vautl:KEY}', '${vautl:KEY}'],
    ['${vault:KEY}${vault:B', '${vault:B'],
    ['${vault:}', '${vault:}'],
    ['${vault:a b} and more', '${vault:a b}'],
  ])('%s is refused, with what is wrong in it', (value, wrong) => {
    const source = { kind: 'headers', headers: { 'X-Api-Key': value } };
    expect(whyNot(TokenSourceWish, source)).toContain(wrong);
  });

  it.each(['${vault:KEY}', 'Bearer ${env:KEY}', '${file:/a b/c}', 'a$${b} ${vault:KEY}'])(
    '%s is taken',
    (value) => {
      const source = { kind: 'headers', headers: { 'X-Api-Key': value } };
      expect(TokenSourceWish.safeParse(source).success).toBe(true);
    },
  );

  it('in a record from before loses nothing', () => {
    const source = { kind: 'bearer', token: 'Bearer ${vautl:KEY}' };
    expect(TokenSource.safeParse(source).success).toBe(true);
  });

  it('is a word of a program like any other', () => {
    const source = { kind: 'command', command: ['get', '${HOME}'] };
    expect(TokenSourceWish.safeParse(source).success).toBe(true);
  });
});
