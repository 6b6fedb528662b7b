/**
 * Every kind of credential without a person, at a real counterpart: got once for many calls, anew ahead of its end, once more
 * when it is refused, said loudly where there is none, and never a request without it nor a secret where none is meant.
 */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { RouteBody } from '../../shared/contract/routes.ts';
import { openClient } from '../broker/bridge/official-clients.ts';
import { eventually } from '../doubles/eventually.ts';
import { textIn } from '../doubles/files-in.ts';
import { makeFolder } from '../doubles/folder.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { startGoogle } from '../servers/google.ts';
import { sendJson, startLoopbackServer } from '../servers/loopback-server.ts';
import { startMcpServer } from '../servers/mcp-server.ts';
import {
  startWorkloadIdentity,
  WORKLOAD_CLIENT,
  WORKLOAD_SECRET,
} from '../servers/workload-identity.ts';

let drawbridge: InProcessBroker;
let undo: AsyncDisposableStack;
beforeEach(async () => {
  undo = new AsyncDisposableStack();
  drawbridge = undo.use(await startInProcessBroker());
});
afterEach(async () => {
  await undo.disposeAsync();
  vi.unstubAllEnvs();
});

type Source = NonNullable<RouteBody<'addServer'>['source']>;

interface Kind {
  /** With `${vault:SECRET}` in it, where it names one. */
  readonly source: Source;
  readonly secret: string;
  /** What else must stand nowhere. */
  readonly others?: readonly string[];
  readonly takes: (token: string, headers: IncomingHttpHeaders) => boolean | Promise<boolean>;
  /** From now on nothing can be got any more. */
  readonly spoil: () => unknown;
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
/** A line of it is enough to know it by. */
const lineOf = (pem: string): string => pem.split('\n')[3] ?? pem;
const dropSecret = () => drawbridge.control.removeSecret({ name: 'SECRET' });

const holds = (token: string, key: KeyObject, more: object): Promise<Record<string, unknown>> =>
  jwtVerify(token, key, {
    ...{ algorithms: ['RS256'], currentDate: new Date(drawbridge.clock.now()), ...more },
  }).then(
    ({ payload }) => payload,
    () => ({}),
  );

const jwt = async (): Promise<Kind> => ({
  source: {
    ...{ kind: 'jwt', algorithm: 'RS256', key: '${vault:SECRET}', lifeS: 600 },
    claims: { iss: 'drawbridge', sub: 'agent', aud: 'mcp' },
  },
  secret: PEM,
  takes: async (token) =>
    (await holds(token, rsa.publicKey, { issuer: 'drawbridge', audience: 'mcp' }))['sub'] ===
    'agent',
  spoil: dropSecret,
});

/** Snowflake as its documentation has it: the fingerprint of the key it knows, and an hour at most. */
const snowflake = async (): Promise<Kind> => {
  const der = rsa.publicKey.export({ type: 'spki', format: 'der' });
  const print = `SHA256:${createHash('sha256').update(der).digest('base64')}`;
  return {
    source: { kind: 'snowflake', account: 'acme-one', user: 'ada', key: '${vault:SECRET}' },
    secret: PEM,
    takes: async (token, headers) => {
      const { iss, sub, iat, exp } = await holds(token, rsa.publicKey, { maxTokenAge: '1h' });
      return (
        headers['x-snowflake-authorization-token-type'] === 'KEYPAIR_JWT' &&
        iss === `ACME-ONE.ADA.${print}` &&
        sub === 'ACME-ONE.ADA' &&
        Number(exp) - Number(iat) <= 3600
      );
    },
    spoil: dropSecret,
  };
};

const githubApp = async (): Promise<Kind> => {
  const given = new Set<string>();
  const github = undo.use(
    await startLoopbackServer(() => async (req, res) => {
      const app = await holds(req.headers.authorization?.slice(7) ?? '', rsa.publicKey, {
        ...{ issuer: '12345', maxTokenAge: '10m' },
      });
      if (app['iss'] !== '12345') return sendJson(res, 401, {});
      const token = `ghs_canary_${given.size}`;
      given.add(token);
      const ends = new Date(drawbridge.clock.now() + 3_600_000).toISOString();
      sendJson(res, 201, { token, expires_at: ends });
    }),
  );
  return {
    source: {
      ...{ kind: 'github-app', app: '12345', installation: 7, api: github.origin },
      key: '${vault:SECRET}',
    },
    secret: PEM,
    takes: (token) => given.has(token),
    spoil: dropSecret,
  };
};

const workload = async (settings: (word: string) => object): Promise<Kind> => {
  const identity = undo.use(await startWorkloadIdentity());
  const file = path.join(undo.use(makeFolder()).path, 'word');
  const word = await identity.subjectToken();
  await writeFile(file, word);
  return {
    source: {
      ...{ tokenUrl: identity.tokenUrl, clientId: WORKLOAD_CLIENT },
      ...{ clientSecret: '${vault:SECRET}', ...settings(file) },
    } as Source,
    secret: WORKLOAD_SECRET,
    others: [word],
    takes: (token) => identity.issued(token),
    spoil: () => writeFile(file, 'a-word-of-nobody'),
  };
};
/** A program that prints what stands in a file. */
const printing = (file: string): string[] => [
  ...[process.execPath, '-e', 'console.log(require("fs").readFileSync(process.argv[1], "utf8"))'],
  file,
];

const google = async (who: 'a person' | 'impersonated' | 'machine'): Promise<Kind> => {
  const cloud = undo.use(await startGoogle());
  const folder = undo.use(makeFolder()).path;
  const file = path.join(folder, 'application_default_credentials.json');
  const files = {
    'a person': cloud.person,
    impersonated: {
      ...{ type: 'impersonated_service_account', source_credentials: cloud.person },
      service_account_impersonation_url: `${cloud.origin}/robot:generateAccessToken`,
    },
    machine: undefined,
  };
  vi.stubEnv('CLOUDSDK_CONFIG', folder);
  vi.stubEnv('GOOGLE_APPLICATION_CREDENTIALS', '');
  vi.stubEnv('GCE_METADATA_HOST', new URL(cloud.origin).host);
  if (files[who] !== undefined) await writeFile(file, JSON.stringify(files[who]));
  return {
    source: { kind: 'google', scopes: ['a'] },
    secret: 'canary-used-by-nobody',
    others: ['canary-s"', 'canary-refresh'],
    takes: (token) => cloud.given(token) !== undefined,
    spoil: async () => {
      cloud.end();
      await writeFile(file, '{}');
    },
  };
};

const kinds: readonly [string, () => Promise<Kind>][] = [
  ['a JWT of our own', jwt],
  ['Snowflake', snowflake],
  ['a GitHub App', githubApp],
  ['a grant of a JWT', () => workload((f) => ({ kind: 'jwt-bearer', assertion: `\${file:${f}}` }))],
  [
    'a grant of a JWT that a program prints',
    () => workload((f) => ({ kind: 'jwt-bearer', assertionCommand: printing(f) })),
  ],
  [
    'token exchange',
    () => workload((f) => ({ kind: 'token-exchange', subjectToken: `\${file:${f}}` })),
  ],
  [
    'token exchange for what a program prints',
    () => workload((f) => ({ kind: 'token-exchange', subjectCommand: printing(f) })),
  ],
  ['a person at Google', () => google('a person')],
  ['a service account of Google that a person acts as', () => google('impersonated')],
  ['a machine in Google Cloud', () => google('machine')],
];

const account = () => drawbridge.broker.snapshot().servers[0]?.accounts[0];

describe.each(kinds)('%s', (_who, start) => {
  it('serves every call, and keeps its secrets', async () => {
    const kind = await start();
    const seen = new Set<string>();
    const refused = new Set<string>();
    await using server = await startMcpServer({
      admits: async ({ headers }) => {
        const token = (headers.authorization ?? '').replace('Bearer ', '');
        seen.add(token);
        return !refused.has(token) && (await kind.takes(token, headers));
      },
    });
    await drawbridge.control.keepSecret({ name: 'SECRET', value: kind.secret });
    await drawbridge.control.addServer({ url: server.url, id: 'one', source: kind.source });
    await drawbridge.isRead('one');
    const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
    await using client = await openClient('SDK 2.x, any era', {
      ...{ url: `${drawbridge.baseOfDoor}/mcp/one`, key },
    });
    const ten = Array.from({ length: 10 }, (_, n) => n);
    const call = (n: number): Promise<string> =>
      client.call('add', { a: n, b: 0 }).then(({ text }) => text);
    const calls = () => Promise.all(ten.map(call));

    const atFirst = seen.size;
    expect(await calls()).toEqual(ten.map(String));
    expect(seen.size).toBe(atFirst);

    // Ahead of its end: nobody has refused it.
    const leftMs = (account()?.expiresAt ?? 0) - drawbridge.clock.now();
    expect(leftMs).toBeGreaterThan(500_000);
    drawbridge.clock.shift(leftMs * 0.9);
    const seenAfterCall = () => call(1).then(() => seen.size);
    await expect.poll(seenAfterCall, eventually).toBe(atFirst + 1);
    expect(server.count({ status: 401 })).toBe(0);

    // A JWT that says nothing but its second is the same one within it.
    drawbridge.clock.shift(2000);
    for (const token of seen) refused.add(token);
    expect(await calls()).toEqual(ten.map(String));
    expect(seen.size).toBe(atFirst + 2);

    await kind.spoil();
    const before = server.count({ method: 'tools/call', status: 200 });
    await drawbridge.control.renew({ server: 'one', account: 'default' }).catch(() => undefined);
    await expect.poll(() => account()?.problem, eventually).toBeDefined();
    for (const token of seen) refused.add(token);
    const said = await client.call('add', { a: 1, b: 1 }).then(
      ({ isError }) => isError,
      () => true,
    );
    expect([said, seen.has('')]).toEqual([true, false]);
    expect(server.count({ method: 'tools/call', status: 200 })).toBe(before);

    const told = [
      await textIn(drawbridge.dataFolder),
      ...drawbridge.log,
      JSON.stringify(drawbridge.broker.snapshot()),
    ].join('\n');
    expect(told).toContain('"not-minted"');
    const secrets = [...seen, lineOf(kind.secret), ...(kind.others ?? [])];
    expect(secrets.filter((secret) => told.includes(secret))).toEqual([]);
  });
});

it('Snowflake turns away whoever has another key than the one it knows', async () => {
  const { takes, source } = await snowflake();
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const value = other.export({ type: 'pkcs8', format: 'pem' }).toString();
  await using server = await startMcpServer({
    admits: ({ headers }) => takes((headers.authorization ?? '').slice(7), headers),
  });
  await drawbridge.control.keepSecret({ name: 'SECRET', value });
  await expect(
    drawbridge.control.addServer({ url: server.url, id: 'one', source }),
  ).rejects.toMatchObject({ code: 'token-refused' });
});

it('a program that gets a credential finds no secret of ours in its arguments or its environment', async () => {
  const folder = undo.use(makeFolder()).path;
  const note = path.join(folder, 'note');
  vi.stubEnv('CANARY_OF_THE_DAEMON', 'canary-of-the-daemon');
  await drawbridge.control.keepSecret({ name: 'SECRET', value: 'canary-in-the-vault' });
  const text = `require("fs").writeFileSync(${JSON.stringify(note)}, JSON.stringify([process.argv, process.env])); console.log("canary-printed")`;
  await using server = await startMcpServer({
    admits: ({ headers }) => headers.authorization === 'Bearer canary-printed',
  });
  await drawbridge.control.addServer({
    ...{ url: server.url, id: 'one' },
    source: { kind: 'command', command: [process.execPath, '-e', text] },
  });
  const seen = await textIn(folder);
  expect(seen).toContain('PATH');
  const secrets = ['canary-of-the-daemon', 'canary-in-the-vault', 'fake passphrase'];
  expect(secrets.filter((secret) => seen.includes(secret))).toEqual([]);
});
