/** Is every mistake in a file named with its place and what to do, and what it says understood? */
import { describe, expect, it } from 'vitest';
import { pathText } from '../../../cli/drawbridge-file/places.ts';
import { readDrawbridgeFile } from '../../../cli/drawbridge-file/read-file.ts';
import { SignInWish } from '../../../shared/contract/sign-in-settings.ts';

const faultsIn = (text: string): readonly string[] =>
  readDrawbridgeFile(text).faults.map(
    ({ path, line, column, message }) => `${line}:${column} ${pathText(path)}: ${message}`,
  );
const server = (text: string): string => `{ "servers": { "a": ${text} } }`;
const keyed = (token: string): string =>
  server(`{ "url": "https://x.example", "source": { "kind": "bearer", "token": "${token}" } }`);

it('comments, trailing commas, a byte order mark and a $schema are no mistakes', () => {
  const text = `\uFEFF// ours
  {
    "$schema": "./drawbridge.schema.json",
    /* one */ "servers": { "acme": { "url": "https://mcp.acme.example/mcp", }, },
  }`;
  const { file, faults, leftOut } = readDrawbridgeFile(text);
  expect([faults, leftOut]).toEqual([[], []]);
  expect(file).toEqual({
    $schema: './drawbridge.schema.json',
    servers: { acme: { url: 'https://mcp.acme.example/mcp' } },
    rules: [],
  });
});

describe('a mistake is named with its place:', () => {
  it.each([
    ['nothing at all', '', ['1:1 : there is nothing in it']],
    [
      'no JSON',
      '{\n  "servers": { acme: {} }\n}',
      ['2:16 : this word is no JSON: text stands in double quotes'],
    ],
    [
      'a text that does not end',
      '{ "servers": "',
      ['1:14 : this text does not end: a double quote belongs there'],
    ],
    ['a list', '[]', ['1:1 : Invalid input: expected object, received array']],
    [
      'a name twice',
      server('{ "url": "https://x.example", "open": true, "url": "https://y.example" }'),
      ['1:65 servers.a.url: this name is there twice'],
    ],
    [
      'a name that means nothing',
      '{ "server": {} }',
      ['1:3 server: there is nothing of this name'],
    ],
    [
      'one further in',
      server('{ "url": "https://x.example",\n "signIn": { "scops": ["a"] } }'),
      ['2:14 servers.a.signIn.scops: there is nothing of this name'],
    ],
    [
      'one in a source',
      server(
        '{ "url": "https://x.example", "source": { "kind": "bearer", "token": "${env:T}", "tokn": 1 } }',
      ),
      ['1:102 servers.a.source.tokn: there is nothing of this name'],
    ],
    [
      'a name of a server',
      '{ "servers": { "Not This": { "url": "https://x.example" } } }',
      [
        '1:16 servers["Not This"]: this cannot be a name: lowercase letters, digits and hyphens, 20 at most',
      ],
    ],
    [
      'nothing of a server',
      server('{}'),
      ['1:16 servers.a.url: one of url, issuer and command says what it is'],
    ],
    [
      'two kinds of server',
      server('{ "url": "https://x.example", "command": { "program": "p", "args": [] } }'),
      ['1:51 servers.a.command: one of url, issuer and command says what it is, not several'],
    ],
    [
      'a sign-in and a source',
      server(
        '{ "url": "https://x.example", "signIn": {}, "source": { "kind": "bearer", "token": "${env:T}" } }',
      ),
      [
        '1:65 servers.a.source: a server has either a sign-in or a token source: leave out signIn or source',
      ],
    ],
    [
      'an open server with a sign-in',
      server('{ "url": "https://x.example", "open": true, "signIn": {} }'),
      [
        '1:51 servers.a.open: an open server wants no credential: leave out open, or signIn and source',
      ],
    ],
    [
      'a secret without a client',
      server('{ "url": "https://x.example", "signIn": { "clientSecret": "${env:S}" } }'),
      ['1:51 servers.a.signIn: a client secret or a key goes with a clientId'],
    ],
    [
      'accounts where nobody signs in',
      server('{ "url": "https://x.example", "open": true, "accounts": ["b"] }'),
      ['1:65 servers.a.accounts: several accounts are for servers that people sign in to'],
    ],
    [
      'a default account that is none',
      server('{ "url": "https://x.example", "accounts": ["b"], "defaultAccount": "c" }'),
      ['1:70 servers.a.defaultAccount: the default account is one of accounts'],
    ],
    [
      'a verifier that does not exist',
      '{ "doors": { "http": { "verify": { "kind": "magic" } } } }',
      ['1:36 doors.http.verify.kind: there is no such kind'],
    ],
    [
      'a slip in the settings of the door',
      '{ "doors": { "http": { "callers": [{ "anyone": true, "servers": "every", "nam": "x" }] } } }',
      ['1:74 doors.http.callers[0].nam: there is nothing of this name'],
    ],
    [
      'a certificate that stands in the file',
      server('{ "url": "https://x.example", "clientCertificate": { "certificate": "canary" } }'),
      [
        '1:74 servers.a.clientCertificate.certificate: a secret stands here only as ${vault:NAME}, ${env:NAME} or ${file:PATH}',
      ],
    ],
    [
      'a certificate for a program',
      server(
        '{ "command": { "program": "p", "args": [] }, "clientCertificate": { "certificate": "${file:/c}" } }',
      ),
      ['1:66 servers.a.clientCertificate: a certificate is shown to a server at an address'],
    ],
    [
      'a kind that does not exist',
      server('{ "url": "https://x.example", "source": { "kind": "magic" } }'),
      ['1:63 servers.a.source.kind: there is no such kind'],
    ],
    [
      'what is missing',
      server('{ "url": "https://x.example", "source": { "kind": "bearer" } }'),
      ['1:51 servers.a.source.token: it is missing'],
    ],
    [
      'a port',
      '{ "doors": { "http": { "port": 70000 } } }',
      ['1:24 doors.http.port: Too big: expected number to be <=65535'],
    ],
    [
      'a rule that says nothing',
      '{ "rules": [{ "server": "a" }] }',
      ['1:13 rules[0]: a rule has to say something'],
    ],
  ])('%s', (_what, text, faults) => {
    expect(faultsIn(text)).toEqual(faults);
  });

  it.each([
    ['a token', keyed('canary-token')],
    [
      'a client secret',
      server(
        '{ "url": "https://x.example", "signIn": { "clientId": "x", "clientSecret": "canary" } }',
      ),
    ],
    [
      'a header',
      server(
        '{ "url": "https://x.example", "source": { "kind": "headers", "headers": { "X-Api-Key": "canary" } } }',
      ),
    ],
  ])('%s that is written down, which is not quoted', (_what, text) => {
    const { faults } = readDrawbridgeFile(text);
    expect(faults).toHaveLength(1);
    expect(faults[0]?.hint).toBe('drawbridge secret NAME keeps it in the vault');
    expect(JSON.stringify(faults)).not.toContain('canary');
  });
});

const snake = {
  schema_version: 'v0.1.0',
  name: 'Acme Tickets',
  image: '',
  remote_url: 'https://mcp.acme.example/mcp',
  transport: 'streamable-http',
  host: '127.0.0.1',
  port: 21_000,
  permission_profile: null,
  remote_auth_config: {
    client_id: 'thv-client',
    client_secret: 'acme_oauth,target=oauth_secret',
    scopes: ['tickets:read'],
    skip_browser: true,
    timeout: 120_000_000_000,
    callback_port: 8666,
    use_pkce: false,
    resource: 'https://mcp.acme.example',
    issuer: 'https://login.acme.example',
    authorize_url: 'https://login.acme.example/authorize',
    token_url: 'https://login.acme.example/token',
    oauth_params: { prompt: 'login' },
    cached_refresh_token_ref: 'OAUTH_REFRESH_TOKEN_acme',
    cached_token_expiry: '0001-01-01T00:00:00Z',
    scope_param_name: 'user_scope',
  },
  tools_filter: ['list_tickets'],
  middleware_configs: [],
  stateless: true,
};
const read = (value: unknown) => readDrawbridgeFile(JSON.stringify(value, undefined, 2));
/** Those that can be settled here; each of the others is told of. */
const whatCanBeSettled = (all: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(all).filter(([name]) => Object.hasOwn(SignInWish.shape, name)));

describe('a run configuration of ToolHive', () => {
  it('becomes a server with its sign-in, and what has no counterpart is told', () => {
    const { file, faults, leftOut, secrets } = read(snake);
    expect([faults, secrets]).toEqual([[], {}]);
    const { signIn, ...rest } = file?.servers['acme-tickets'] ?? {};
    expect(rest).toEqual({ title: 'Acme Tickets', url: 'https://mcp.acme.example/mcp' });
    expect(signIn).toMatchObject({
      clientId: 'thv-client',
      scopes: ['tickets:read'],
      parameters: { prompt: 'login' },
      redirect: 'http://localhost:8666/callback',
      ...whatCanBeSettled({
        issuer: 'https://login.acme.example',
        authorizeUrl: 'https://login.acme.example/authorize',
        tokenUrl: 'https://login.acme.example/token',
        resource: 'https://mcp.acme.example',
        timeoutS: 120,
        noBrowser: true,
      }),
    });
    expect(JSON.stringify(signIn)).toContain('${vault:acme_oauth}');
    expect(file?.rules).toEqual([{ server: 'acme-tickets', allow: ['list_tickets'] }]);
    const told = leftOut.map(({ what }) => what);
    expect(told).toEqual(
      expect.arrayContaining([
        ...['host', 'port', 'stateless', 'remote_auth_config.scope_param_name'],
        'remote_auth_config.cached_refresh_token_ref',
      ]),
    );
    const settled = [...Object.keys(signIn ?? {}), ...told];
    for (const name of ['issuer', 'authorizeUrl', 'tokenUrl', 'resource', 'timeoutS', 'noBrowser'])
      expect(settled).toContain(name);
    // It says `use_pkce: false` of a client that ToolHive used PKCE with.
    expect(signIn?.exceptions).toBeUndefined();
    expect(told).not.toContain('remote_auth_config.cached_token_expiry');
  });

  it('tells what ToolHive did to requests on their way', () => {
    const { leftOut } = read({
      ...snake,
      middleware_configs: [
        { type: 'auth', parameters: {} },
        { type: 'tokenexchange', parameters: { token_url: 'https://login.acme.example/token' } },
        { type: 'webhook' },
        {},
      ],
    });
    expect(leftOut.filter(({ what }) => what.startsWith('middleware'))).toEqual([
      {
        what: 'middleware_configs: tokenexchange',
        why: 'write it as a source of kind token-exchange (docs/token-sources.md)',
      },
      { what: 'middleware_configs: webhook', why: 'it has no counterpart here' },
      { what: 'middleware_configs: one without a type', why: 'it has no counterpart here' },
    ]);
  });

  it('in the old spelling of its sign-in is the same', () => {
    const old = {
      ...snake,
      remote_auth_config: {
        ...{ ClientID: 'thv-client', ClientSecretFile: '/run/secrets/acme', Scopes: ['a'] },
        ...{ SkipBrowser: false, Timeout: 30_000_000_000, CallbackPort: 8666, UsePKCE: true },
        ...{ OAuthParams: { prompt: 'login' }, Headers: null, EnvVars: null },
      },
    };
    const { file, faults } = read(old);
    expect(faults).toEqual([]);
    const signIn = file?.servers['acme-tickets']?.signIn;
    expect(signIn).toMatchObject({
      clientId: 'thv-client',
      scopes: ['a'],
      parameters: { prompt: 'login' },
    });
    expect(JSON.stringify(signIn)).toContain('${file:/run/secrets/acme}');
    expect(signIn?.exceptions).toBeUndefined();
  });

  it('with a secret written down has it put into the vault, and names it', () => {
    const { file, secrets } = read({
      ...snake,
      remote_auth_config: { ...snake.remote_auth_config, client_secret: 'canary-plain' },
    });
    expect(secrets).toEqual({ 'acme-tickets-client-secret': 'canary-plain' });
    expect(JSON.stringify(file)).toContain('${vault:acme-tickets-client-secret}');
    expect(JSON.stringify(file)).not.toContain('canary');
  });

  it.each([
    [
      'a bearer token in its own store',
      { remote_auth_config: { bearer_token: 'tok,target=bearer_token', use_pkce: true } },
      { kind: 'bearer', token: '${vault:tok}' },
    ],
    [
      'a bearer token in a file',
      { remote_auth_config: { BearerTokenFile: '/run/token' } },
      { kind: 'bearer', token: '${file:/run/token}' },
    ],
    [
      'headers, plain and from its store',
      {
        remote_auth_config: null,
        header_forward: {
          add_plaintext_headers: { 'X-Tenant': 'blue' },
          add_headers_from_secret: { 'X-Api-Key': 'acme key' },
        },
      },
      { kind: 'headers', headers: { 'X-Tenant': 'blue', 'X-Api-Key': '${vault:acme-key}' } },
    ],
  ])('with %s becomes a token source', (_what, fields, source) => {
    const { file, faults } = read({ ...snake, tools_filter: [], ...fields });
    expect(faults).toEqual([]);
    const { signIn, ...server } = file?.servers['acme-tickets'] ?? {};
    expect([signIn, server.source]).toEqual([undefined, source]);
  });

  it('with a plain header that holds a key has that put into the vault', () => {
    const { file, secrets } = read({
      ...{ ...snake, remote_auth_config: null },
      header_forward: { add_plaintext_headers: { 'X-Api-Key': 'canary-key' } },
    });
    expect(secrets).toEqual({ 'acme-tickets-X-Api-Key': 'canary-key' });
    expect(file?.servers['acme-tickets']?.source).toEqual({
      kind: 'headers',
      headers: { 'X-Api-Key': '${vault:acme-tickets-X-Api-Key}' },
    });
  });

  it('that says nothing of a sign-in leaves it to the server', () => {
    const { file } = read({
      ...snake,
      remote_auth_config: { callback_port: 8666, timeout: 30_000_000_000, use_pkce: true },
    });
    expect(file?.servers['acme-tickets']).not.toHaveProperty('signIn');
  });

  it('of a container is refused with what to do instead', () => {
    const { file, faults } = read({ ...snake, image: 'ghcr.io/acme/mcp:1', remote_url: '' });
    expect(file).toBeUndefined();
    expect(faults).toMatchObject([
      { path: ['image'], line: 4, hint: expect.stringContaining('add-local') },
    ]);
  });

  it('with a mistake in it names the place in that file', () => {
    const text = JSON.stringify(
      {
        ...snake,
        remote_auth_config: { ...snake.remote_auth_config, oauth_params: { state: 'x' } },
      },
      undefined,
      2,
    );
    const { faults } = readDrawbridgeFile(text);
    expect(faults.map(({ path }) => pathText(path))).toEqual(['remote_auth_config.oauth_params']);
    expect(text.split('\n')[(faults[0]?.line ?? 0) - 1]).toContain('oauth_params');
  });
});
