/** Does a person see where a sign-in stands, where each fact of it came from, and never a token? */
import { cp, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endpointsIn } from '../../../broker/oauth/trail.ts';
import type { AccountFacts } from '../../../shared/contract/account-facts.ts';
import { DEFAULT_ACCOUNT } from '../../../shared/contract/ids.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createKeychainDouble } from '../../doubles/keychain.ts';
import { createPolicyFile } from '../../doubles/policy-file.ts';
import { startRestartableBroker } from '../../doubles/restartable-broker.ts';
import { consentByScript } from '../../servers/authorization-server/consent-by-script.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { bothEras } from '../bridge/local/programs.ts';

let signInService: AuthorizationServer;
let server: McpTestServer;
let drawbridge: InProcessBroker;

beforeEach(async () => {
  signInService = await startAuthorizationServer({ tellsWho: true });
  server = await startMcpServer({ authorizationServer: signInService });
  drawbridge = await startInProcessBroker();
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
  await signInService.close();
});

const keyOf = (id: string) => ({ server: id, account: DEFAULT_ACCOUNT });
const facts = (id: string, look = false): Promise<AccountFacts> =>
  drawbridge.control.accountFacts(keyOf(id), { look });
const ofSignIn = async (id: string, look = false) => {
  const told = await facts(id, look);
  if (told.kind !== 'sign-in') throw new Error(`told of ${told.kind}`);
  return told;
};
/** A sign-in is a dozen requests, on a machine that may have others to run. */
const signedInTime = { ...eventually, timeout: 30_000 };
const problemIn = (error: unknown): unknown => error;
const AS = '/.well-known/oauth-authorization-server';
const PRM = '/.well-known/oauth-protected-resource/mcp';

describe('of a sign-in', () => {
  it('all that is known is told, and nothing of a token', async () => {
    await drawbridge.signInTo('small', server.url);
    const { issuer } = signInService;

    const told = await ofSignIn('small');

    expect(told).toMatchObject({ how: 'person', exceptions: [] });
    expect(told.held).toMatchObject({
      issuer: { url: issuer, from: 'resource-metadata' },
      client: { from: 'registered', authMethod: 'none', redirect: expect.any(String) as string },
      scopes: {
        asked: ['mcp:read', 'mcp:tools', 'offline_access'],
        from: 'challenge',
        granted: expect.arrayContaining(['mcp:read', 'mcp:tools']) as string[],
      },
      resource: { url: server.url, from: 'resource-metadata' },
      ...{ hasRefreshToken: true, renewable: true, shows: 'access-token' },
      accessToken: { form: 'jwt', verified: false, header: { alg: 'ES256' } },
    });
    expect(told.held?.renewsAt).toBeLessThan(told.held?.expiresAt ?? 0);
    const claims = told.held?.accessToken.form === 'jwt' ? told.held.accessToken.claims : [];
    const values = Object.fromEntries(claims.map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({ iss: issuer, aud: server.url, client_id: told.held?.client.id });
    expect(values['scope']?.split(' ')).toContain('mcp:tools');
    const exp = claims.find(({ name }) => name === 'exp');
    expect(exp?.at).toBe(Number(exp?.value) * 1000);
    expect(claims).toContainEqual({ name: 'jti' });
    const text = JSON.stringify(told);
    expect(signInService.needles().length).toBeGreaterThan(3);
    expect(signInService.needles().filter((needle) => text.includes(needle))).toEqual([]);
  });

  it('every endpoint is told with who named it', async () => {
    await drawbridge.signInTo('small', server.url);
    const { issuer } = signInService;
    const { endpoints, lookedAt } = await ofSignIn('small', true);
    const byMetadata = { from: 'metadata', at: `${issuer}${AS}` };
    expect(endpoints).toEqual(
      expect.arrayContaining([
        { what: 'resource-metadata', url: `${server.origin}${PRM}`, from: 'challenge' },
        { what: 'service-metadata', url: `${issuer}${AS}`, from: 'well-known' },
        { what: 'token', url: `${issuer}/token`, ...byMetadata },
        { what: 'registration', url: `${issuer}/reg`, ...byMetadata },
        { what: 'keys', url: signInService.jwksUri, ...byMetadata },
      ]),
    );
    // What is kept is told without asking anybody, even where a look is wished for.
    expect(lookedAt).toBeUndefined();
  });

  it('where nobody is signed in nothing is asked, but upon a wish', async () => {
    await drawbridge.addServer('small', server.url);
    const asked = () => server.seen.length + signInService.seen.length;
    const before = asked();
    expect(await ofSignIn('small')).toEqual({
      ...{ kind: 'sign-in', how: 'person', endpoints: [], exceptions: [] },
    });
    expect(asked()).toBe(before);

    const { endpoints, lookedAt, held } = await ofSignIn('small', true);
    expect(asked()).toBeGreaterThan(before);
    expect(endpoints).toContainEqual({
      ...{ what: 'token', url: `${signInService.issuer}/token`, from: 'metadata' },
      at: `${signInService.issuer}${AS}`,
    });
    expect([held, lookedAt]).toEqual([undefined, expect.any(Number)]);
  });

  it('a look that finds nothing is the problem that a sign-in would have', async () => {
    await drawbridge.addServer('small', server.url);
    server.misbehave.metadata('another-resource');
    await expect(ofSignIn('small', true)).rejects.toMatchObject({ code: 'resource-mismatch' });
  });

  it('what was settled by hand says so, exceptions on record too', async () => {
    signInService.setDefaultResource(server.url);
    await drawbridge.control.addServer({
      ...{ id: 'small', url: server.url },
      signIn: {
        ...{ issuer: signInService.issuer, scopes: ['mcp:read'] },
        exceptions: ['resource-omitted'],
      },
    });
    await drawbridge.control.signIn(keyOf('small'), {});
    // Not its state: the server wants more than was asked for, and says so once it is read.
    await expect.poll(async () => (await ofSignIn('small')).held, signedInTime).toBeDefined();

    const { held, endpoints, exceptions } = await ofSignIn('small');

    expect(held).toMatchObject({
      issuer: { from: 'settings' },
      scopes: { asked: ['mcp:read', 'offline_access'], from: 'settings' },
    });
    expect(held?.resource).toBeUndefined();
    expect(endpoints.map(({ what }) => what)).not.toContain('resource-metadata');
    expect(exceptions).toEqual([{ exception: 'resource-omitted', from: 'settings', heeded: true }]);
  });

  it('a token that only its issuer can read is said to be one', async () => {
    await drawbridge.control.addServer({
      ...{ id: 'small', url: server.url, signIn: { exceptions: ['resource-omitted'] } },
    });
    await drawbridge.control.signIn(keyOf('small'), {});
    await expect
      .poll(async () => (await ofSignIn('small')).held?.accessToken, signedInTime)
      .toEqual({ form: 'opaque' });
  });

  it('is the same after a restart', async () => {
    await using kept = await startRestartableBroker({ browser: consentByScript });
    await kept.control.addServer({ id: 'small', url: server.url });
    await kept.control.signIn(keyOf('small'), {});
    await kept.reaches('small', 'signed-in');
    const before = await kept.control.accountFacts(keyOf('small'), {});
    await kept.restart();
    await kept.reaches('small', 'signed-in');
    const { renewsAt: _planned, ...held } = (before.kind === 'sign-in' && before.held) || {};
    expect(await kept.control.accountFacts(keyOf('small'), {})).toMatchObject({ ...before, held });
  });

  it('nobody can tell while the vault is closed, and that is said', async () => {
    const { keychain, failWith } = createKeychainDouble();
    const before = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
    const dataFolder = `${before}-copy`;
    {
      await using open = await startInProcessBroker({ keychain, dataFolder: before });
      await open.control.openVault({});
      await open.signInTo('small', server.url);
      const filter = (source: string) => !/run|instance/.test(path.basename(source));
      await cp(before, dataFolder, { recursive: true, filter });
    }
    failWith('dismissed');
    await using closed = await startInProcessBroker({ keychain, dataFolder });
    const told = () => closed.control.accountFacts(keyOf('small'), {}).catch(problemIn);
    await expect.poll(told, eventually).toMatchObject({ code: 'vault-locked' });
    failWith(undefined);
    await closed.control.openVault({});
    expect(await told()).toMatchObject({ kind: 'sign-in', held: { renewable: true } });
  });

  it('of an account that is not there is a problem', async () => {
    await drawbridge.addServer('small', server.url);
    const key = { server: 'small', account: 'work' };
    await expect(drawbridge.control.accountFacts(key, {})).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('is told under any policy, but no look is taken at a server that it forbids', async () => {
    using policy = createPolicyFile();
    await using policed = await startInProcessBroker({ policy: policy.place });
    await policed.addServer('small', server.url);
    policy.put({ allowedHosts: { servers: ['mcp.acme.example'] } });
    const before = server.seen.length;
    const told = await policed.control.accountFacts(keyOf('small'), {});
    expect(told).toMatchObject({ kind: 'sign-in' });
    const looked = policed.control.accountFacts(keyOf('small'), { look: true });
    await expect(looked).rejects.toMatchObject({ code: 'policy-forbids' });
    expect(server.seen.length).toBe(before);
  });
});

describe('of anything else', () => {
  it('a credential that needs no person is told of, and not what it is', async () => {
    const keyed = await startMcpServer({ staticHeader: { name: 'x-key', value: 'fake-key-9000' } });
    await drawbridge.control.keepSecret({ name: 'KEY', value: 'fake-key-9000' });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is how a secret is named
    const headers = { 'X-Key': '${vault:KEY}' };
    const source = { kind: 'headers' as const, headers };
    await drawbridge.control.addServer({ id: 'keyed', url: keyed.url, source });
    await expect
      .poll(() => facts('keyed'), eventually)
      .toMatchObject({
        ...{ kind: 'source', source: 'headers', gotAt: expect.any(Number) as number },
      });
    expect(JSON.stringify(await facts('keyed'))).not.toContain('fake-key');
    await keyed.close();
  });

  it('a local server names its secrets, and whether there are values', async () => {
    await drawbridge.control.addLocalServer({
      ...{ id: 'local', title: 'Local', command: bothEras, secrets: { TOKEN: 'fake-value-9000' } },
    });
    expect(await facts('local')).toEqual({
      ...{ kind: 'local', processes: 'own', secrets: [{ name: 'TOKEN', isKept: true }] },
    });
  });

  it('a server that anybody may use is open', async () => {
    const open = await startMcpServer();
    await drawbridge.addServer('open', open.url);
    expect(await facts('open')).toEqual({ kind: 'open' });
    await open.close();
  });
});

it('endpoints of a grant from before this was noted are told without where they are from', () => {
  const metadata = { issuer: 'https://i.example', token_endpoint: 'https://i.example/token' };
  expect(endpointsIn(metadata, undefined)).toEqual([
    { what: 'token', url: 'https://i.example/token', from: 'unknown' },
  ]);
});
