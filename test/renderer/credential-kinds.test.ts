/** The table of credentials against the contract: no kind, no field and no default may be missing in the window. */
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  type CredentialDraft,
  draftOf,
  emptyDraft,
  isWays,
} from '../../renderer/screens/credential/draft.ts';
import { credentialKinds, kindGroups } from '../../renderer/screens/credential/kinds.ts';
import type { FieldRow } from '../../renderer/screens/credential/rows.ts';
import { proposedName } from '../../renderer/screens/credential/secret-draft.ts';
import { sourceIn } from '../../renderer/screens/credential/source-in.ts';
import { vaultNamesIn } from '../../shared/contract/references.ts';
import { TokenSource, type TokenSourceKind } from '../../shared/contract/token-sources.ts';

const shapes = TokenSource.options.map(({ shape }) => {
  const { kind, ...fields } = shape;
  const shapeOfRest: Readonly<Record<string, z.ZodType>> = fields;
  return [kind.value, shapeOfRest] as const;
});

const fieldsOf = (kind: TokenSourceKind): readonly FieldRow[] =>
  credentialKinds[kind].rows.flatMap((row) =>
    isWays(row) ? row.ways.flatMap(({ fields }) => fields) : [row],
  );
const setsOf = (kind: TokenSourceKind): readonly string[] =>
  credentialKinds[kind].rows.flatMap((row) =>
    isWays(row) ? row.ways.flatMap(({ sets = {} }) => Object.keys(sets)) : [],
  );
const inWays = (kind: TokenSourceKind): ReadonlySet<string> =>
  new Set(
    credentialKinds[kind].rows.flatMap((row) =>
      isWays(row) ? row.ways.flatMap(({ fields }) => fields.map(({ name }) => name)) : [],
    ),
  );
const passes = (type: z.ZodType | undefined, value: unknown): boolean =>
  type?.safeParse(value).success === true;

const nothingKnown = {
  typed: new Set<string>(),
  proposed: (key: string) => key.toUpperCase(),
  isTaken: () => false,
};

test('every kind is offered once', () => {
  const kinds = shapes.map(([kind]) => kind);
  expect(Object.values(kindGroups).flat().toSorted()).toEqual(kinds.toSorted());
  expect(Object.keys(credentialKinds).toSorted()).toEqual(kinds.toSorted());
});

describe.each(shapes)('%s', (kind, shape) => {
  const rows = fieldsOf(kind);

  test('every field has a row, and every row a field', () => {
    const names = new Set([...rows.map(({ name }) => name), ...setsOf(kind)]);
    expect([...names].toSorted()).toEqual(Object.keys(shape).toSorted());
  });

  test.each(rows.map((row) => [row.name, row] as const))(
    '%s is what the contract says',
    (name, row) => {
      const type = shape[name];
      const takesNone = passes(type, undefined);
      // In one way of several a field may be needed that in others is not there.
      if (row.optional === true || !inWays(kind).has(name))
        expect(row.optional === true).toBe(takesNone);
      const isSecret = !passes(type, 'plain') && passes(type, '${vault:NAME}');
      if (row.is !== 'id') expect(row.is === 'secret').toBe(isSecret && row.is !== 'text');
      const usual = takesNone ? type?.parse(undefined) : undefined;
      expect(row.usual).toBe(
        usual === undefined || Array.isArray(usual) ? undefined : String(usual),
      );
      expect(row.choices?.every((choice) => passes(type, choice)) ?? true).toBe(true);
      const options = type instanceof z.ZodEnum ? type.options : undefined;
      expect(row.choices?.toSorted()).toEqual(options?.toSorted());
    },
  );

  test('nothing typed is said at each field that is needed, and at no other', () => {
    const made = sourceIn(emptyDraft(kind), nothingKnown);
    if (kind === 'google') return expect(made).toEqual({ source: { kind } });
    const faults = 'faults' in made ? [...made.faults.keys()] : [];
    expect(faults.length).toBeGreaterThan(0);
    for (const name of faults.filter((key) => !key.startsWith('header')))
      expect(rows.some((row) => row.name === name && row.optional !== true)).toBe(true);
  });
});

const key = '${vault:ACME_KEY}';
const examples: readonly TokenSource[] = [
  {
    kind: 'headers',
    headers: { 'X-Api-Key': key, 'X-Tenant': 'acme', Authorization: `Token ${key}` },
  },
  { kind: 'bearer', token: '${file:/run/secrets/token}' },
  {
    ...{ kind: 'command', env: ['KRB5CCNAME', 'HOME'], timeoutS: 20 },
    command: ['/opt/it’s "here"', 'a b', '$HOME', "it's", 'C:\\x', '\\" ', ''],
  },
  { kind: 'command', command: ['print-token'], env: [], timeoutS: 30 },
  {
    ...{ kind: 'jwt', algorithm: 'RS256', key, keyId: 'k1', lifeS: 60 },
    claims: { iss: 'me', roles: ['a', { b: null }] },
  },
  { kind: 'snowflake', account: 'a-b', user: 'u', key, keyPassphrase: '${env:PASS}' },
  { kind: 'github-app', app: '1', key, installation: 42, api: 'https://api.github.com' },
  {
    kind: 'github-app',
    app: '1',
    key,
    installation: 'acme/one',
    api: 'https://git.acme.example/api',
  },
  {
    ...{ kind: 'token-exchange', issuer: 'https://i.example', tokenUrl: 'https://i.example/token' },
    ...{ subjectToken: key, subjectTokenType: 'urn:x', scopes: ['a', 'b'], audience: 'mcp' },
    ...{ clientId: 'c', clientSecret: key, resource: 'https://r.example' },
  },
  { kind: 'jwt-bearer', tokenUrl: 'https://i.example/token', assertion: key },
  { kind: 'client-credentials', issuer: 'https://i.example', clientId: 'c', clientKey: key },
  { kind: 'client-credentials', issuer: 'https://i.example', clientId: 'c', clientAssertion: key },
  {
    ...{ kind: 'entra', tenant: 't', clientId: 'c', resource: 'api://x', clientKey: key },
    ...{ certificate: '-----BEGIN CERTIFICATE-----\nfake', authority: 'https://login.example' },
  },
  { kind: 'google' },
  { kind: 'google', key, scopes: ['s'] },
  { kind: 'google', audience: 'https://a.example' },
  { kind: 'aws-sigv4', region: 'r', service: 's', instance: false },
  { kind: 'aws-sigv4', region: 'r', service: 's', profile: 'p', instance: false },
  { kind: 'aws-sigv4', region: 'r', service: 's', instance: true },
  {
    ...{ kind: 'aws-sigv4', region: 'r', service: 's', instance: false },
    ...{ accessKeyId: 'AKIAFAKE', secretAccessKey: key, sessionToken: '${env:T}' },
  },
];

test.each(examples.map((source) => [source.kind, source] as const))(
  '%s comes out of the form as it went in',
  (_kind, source) => {
    expect(sourceIn(draftOf(source), nothingKnown)).toEqual({ source: TokenSource.parse(source) });
  },
);

test('there is an example of every kind', () => {
  expect(new Set(examples.map(({ kind }) => kind)).size).toBe(shapes.length);
});

describe('what is wrong is said at its field', () => {
  const faultsOf = (draft: CredentialDraft, more: Partial<typeof nothingKnown> = {}) => {
    const made = sourceIn(draft, { ...nothingKnown, ...more });
    return 'faults' in made ? Object.fromEntries(made.faults) : {};
  };
  const header = (name: string, secrets: CredentialDraft['secrets']): CredentialDraft => ({
    ...emptyDraft('headers'),
    ...{ headers: [{ row: 0, name }], secrets },
  });

  test('in the words of the contract', () => {
    const written = { header0: { way: 'written', text: 'x' } } as const;
    expect(faultsOf(header('Mcp-Session-Id', written))).toEqual({
      header0name: 'A header that Drawbridge sets itself.',
    });
    expect(faultsOf(header('X Key', written))).toEqual({
      header0name: 'Not the name of a header.',
    });
    expect(faultsOf(header('X-Api-Key', written))).toEqual({
      headers:
        'A header for a credential holds it only as ${vault:NAME}, ${env:NAME} or ${file:PATH}',
    });
    const claims = {
      ...draftOf(examples[4]!),
      texts: { algorithm: 'ES256', claims: '{"a":"${env:X}"}' },
    };
    expect(faultsOf(claims)).toEqual({ claims: 'Claims are signed as they stand here.' });
    expect(faultsOf({ ...claims, texts: { claims: '{' } })).toEqual({ claims: 'This is no JSON.' });
  });

  test('of a secret: none, a name that it cannot have, and the name of another', () => {
    const draft = (text: string): CredentialDraft => ({
      ...emptyDraft('bearer'),
      secrets: { token: { way: 'typed', text } },
    });
    const typed = new Set(['token']);
    expect(faultsOf(draft(''))).toEqual({ token: 'This is needed.' });
    expect(faultsOf(draft('no name'), { typed })['token']).toContain('Letters, digits');
    expect(faultsOf(draft('TAKEN'), { typed, isTaken: () => true })['token']).toContain(
      'There is a secret',
    );
    const twice = header('X-Key', {
      header0: { way: 'typed', text: 'ONE' },
      header1: { way: 'typed', text: 'ONE' },
    });
    const headers = [...twice.headers, { row: 1, name: 'X-Other' }];
    const both = new Set(['header0', 'header1']);
    expect(Object.keys(faultsOf({ ...twice, headers }, { typed: both }))).toEqual(['header1']);
    expect(sourceIn(draft(''), { ...nothingKnown, typed })).toEqual({
      source: { kind: 'bearer', token: '${vault:TOKEN}' },
    });
  });
});

test.each([
  ['https://mcp.acme.example/mcp', 'clientSecret', 'ACME_CLIENT_SECRET'],
  ['acme-two', 'X-Api-Key', 'ACME_TWO_X_API_KEY'],
  ['http://127.0.0.1:4000', 'token', 'TOKEN'],
  ['', '', 'SECRET'],
])('a secret of %s for %s is called %s', (whose, what, name) => {
  expect(proposedName(whose, what, () => false)).toBe(name);
  expect(proposedName(whose, what, (taken) => taken === name)).toBe(`${name}_2`);
});

test('the secrets that a source names are found, and what only looks like one is not', () => {
  const headers = {
    'X-Key': '${vault:A} and ${vault:B}',
    'X-Text': '$${vault:C}',
    'X-Env': '${env:D}',
  };
  expect(vaultNamesIn({ kind: 'headers', headers })).toEqual(['A', 'B']);
});
