/** Do AI clients reach servers with tokens that Drawbridge asks a cloud for: once for all calls, and once more when they are refused? */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { textIn } from '../doubles/files-in.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { startAuthorizationServer } from '../servers/authorization-server.ts';
import { APPLICATION, APPLICATION_SECRET, startEntra, TENANT } from '../servers/entra.ts';
import { startGoogle } from '../servers/google.ts';
import { startMcpServer } from '../servers/mcp-server.ts';

let drawbridge: InProcessBroker;
beforeEach(async () => {
  drawbridge = await startInProcessBroker();
});
afterEach(() => drawbridge[Symbol.asyncDispose]());

interface Cloud extends AsyncDisposable {
  readonly secret: string;
  /** With `${vault:SECRET}` in it. */
  readonly source: RouteBody<'addServer'>['source'];
  readonly minted: () => number;
  readonly issued: (token: string) => boolean | Promise<boolean>;
}

const google = async (rest: object): Promise<Cloud> => {
  const cloud = await startGoogle();
  return {
    secret: JSON.stringify(cloud.serviceAccountKey),
    source: { kind: 'google', key: '${vault:SECRET}', ...rest },
    minted: () => cloud.asked.length,
    issued: (token) => cloud.given(token) !== undefined,
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };
};

const entra = async (): Promise<Cloud> => {
  const { authority, asked, issued, ...cloud } = await startEntra();
  return {
    secret: APPLICATION_SECRET,
    source: {
      ...{ kind: 'entra', tenant: TENANT, clientId: APPLICATION, resource: 'api://tools' },
      ...{ authority, clientSecret: '${vault:SECRET}' },
    },
    ...{ minted: () => asked.length, issued },
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };
};

const clientCredentials = async (): Promise<Cloud> => {
  const secret = 'canary-of-the-client';
  const as = await startAuthorizationServer({
    clients: [
      {
        ...{ client_id: 'machine', client_secret: secret, redirect_uris: [] },
        ...{ response_types: [], grant_types: ['client_credentials'] },
      },
    ],
  });
  const resource = 'https://mcp.example/mcp';
  const settings = { clientId: 'machine', scopes: ['mcp:read'], issuer: as.issuer, resource };
  return {
    secret,
    source: { kind: 'client-credentials', clientSecret: '${vault:SECRET}', ...settings },
    minted: () => as.count({ grantType: 'client_credentials' }),
    // It is known there once its answer is out, which may be a moment after it came in here.
    issued: (token) =>
      vi
        .waitFor(() => expect(as.issued()).toContain(token))
        .then(
          () => true,
          () => false,
        ),
    [Symbol.asyncDispose]: as.close,
  };
};

describe.each<[string, () => Promise<Cloud>]>([
  ['a service account of Google', () => google({ scopes: ['a'] })],
  ['a service of Cloud Run', () => google({ audience: 'https://tools.a.run.app' })],
  ['an application of Entra', entra],
  ['a client of any authorization server', clientCredentials],
])('as %s', (_who, start) => {
  it('one token for all calls, one more when it is refused, and no secret anywhere', async () => {
    await using cloud = await start();
    const seen = new Set<string>();
    let unauthenticated = 0;
    const refused = new Set<string>();
    await using server = await startMcpServer({
      admits: ({ headers: { authorization = '' } }) => {
        const token = authorization.replace('Bearer ', '');
        if (token === '') unauthenticated += 1;
        seen.add(token);
        return !refused.has(token) && cloud.issued(token);
      },
    });
    await drawbridge.control.keepSecret({ name: 'SECRET', value: cloud.secret });
    await drawbridge.control.addServer({ url: server.url, id: 'one', source: cloud.source });
    await drawbridge.isRead('one');
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    await using client = await openClient('SDK 2.x, any era', {
      ...{ url: `${drawbridge.baseOfDoor}/mcp/one`, key },
    });
    const before = cloud.minted();
    const call = (n: number): Promise<string> =>
      client.call('add', { a: n, b: 0 }).then(({ text }) => text);
    const ten = Array.from({ length: 10 }, (_, n) => n);
    expect(await Promise.all(ten.map(call))).toEqual(ten.map(String));
    expect(cloud.minted()).toBe(before);
    const account = drawbridge.broker.snapshot().servers[0]?.accounts[0];
    expect(account).toMatchObject({ state: 'signed-in' });
    expect(account?.expiresAt).toBeGreaterThan(Date.now() + 3_000_000);

    for (const token of seen) refused.add(token);
    expect(await Promise.all(ten.map(call))).toEqual(ten.map(String));
    expect([cloud.minted(), unauthenticated]).toEqual([before + 1, 0]);

    const said = [
      await textIn(drawbridge.dataFolder),
      ...drawbridge.log,
      JSON.stringify(drawbridge.broker.snapshot()),
    ].join('\n');
    expect(said).toContain('vault:SECRET');
    expect([...seen, cloud.secret].filter((secret) => said.includes(secret))).toEqual([]);
  });
});
