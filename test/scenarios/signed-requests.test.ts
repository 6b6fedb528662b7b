/** Do AI clients reach servers at AWS, whose every request is signed, and others where Drawbridge asks for itself? */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { generations, openClient, type Way } from '../broker/bridge/official-clients.ts';
import { textIn } from '../doubles/files-in.ts';
import { type InProcessBroker, startInProcessBroker } from '../doubles/in-process-broker.ts';
import { type Aws, REGION, ROLE, received, startAws } from '../servers/aws.ts';
import { type McpTestServer, startMcpServer } from '../servers/mcp-server.ts';
import { objectionTo, type ReceivedRequest } from '../servers/sigv4.ts';

/** As the runtimes of AgentCore are addressed: with an ARN in the path. */
const PATH = '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aeu-central-1%3A1%3Aruntime%2Fx/invocations';
const SERVICE = 'bedrock-agentcore';
const source = { kind: 'aws-sigv4', region: REGION, service: SERVICE } as const;

let aws: Aws;
let home: string;
let drawbridge: InProcessBroker;
let server: McpTestServer;
let objections: (string | undefined)[];
/** The last request that was good. */
let good: ReceivedRequest | undefined;
const rules = {
  keys: (id: string) => aws.keys.get(id),
  ...{ region: REGION, service: SERVICE, now: Date.now },
};

beforeEach(async () => {
  aws = await startAws();
  objections = [];
  home = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  await mkdir(path.join(home, '.aws'));
  vi.stubEnv('AWS_CONFIG_FILE', path.join(home, '.aws', 'config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', path.join(home, '.aws', 'credentials'));
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
  drawbridge = await startInProcessBroker();
  server = await startServer(403);
});
const startServer = (refusal: 401 | 403): Promise<McpTestServer> =>
  startMcpServer({
    ...{ path: PATH, refusal },
    admits: (req, body) => {
      const request = received(req, body);
      const objection = objectionTo(request, rules);
      objections.push(objection);
      if (objection === undefined) good = request;
      return objection === undefined;
    },
  });
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await server.close();
  await aws[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const profile = (secret: string, more = ''): Promise<void> =>
  writeFile(
    path.join(home, '.aws', 'config'),
    `[profile agent]\naws_access_key_id = AKIAAGENT\naws_secret_access_key = ${secret}\n${more}`,
  );
const door = async (): Promise<Way> => {
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  return { url: `${drawbridge.baseOfDoor}/mcp/one`, key };
};
const add = (rest: object): Promise<unknown> =>
  drawbridge.control.addServer({
    ...{ url: `${server.url}?qualifier=DEFAULT`, id: 'one' },
    source: { ...source, instance: false, ...rest },
  });
const refusals = (): number => objections.filter((each) => each !== undefined).length;

describe.each(generations)('%s', (generation) => {
  it('calls a server at AWS with the keys of a profile, and every request holds', async () => {
    aws.keys.set('AKIAAGENT', { secret: 'canary-secret' });
    await profile('canary-secret');
    await add({ profile: 'agent' });
    await using client = await openClient(generation, await door());
    expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');
    expect([refusals(), objections.length > 1]).toEqual([0, true]);
  });
});

it('a body that is changed on the way is refused there', async () => {
  aws.keys.set('AKIAAGENT', { secret: 'canary-secret' });
  await profile('canary-secret');
  await add({ profile: 'agent' });
  await using client = await openClient('SDK 2.x, any era', await door());
  await client.call('add', { a: 2, b: 3 });
  if (good === undefined) throw new Error('nothing was good');
  expect(objectionTo(good, rules)).toBeUndefined();
  const body = Buffer.from(good.body.toString().replace('"b":3', '"b":4'));
  expect(objectionTo({ ...good, body }, rules)).toBe('XAmzContentSHA256Mismatch');
  expect(objectionTo({ ...good, target: `${good.target}&a=b` }, rules)).toBe(
    'SignatureDoesNotMatch',
  );
});

it('keys with a wrong secret are not added, and nothing of them is told', async () => {
  aws.keys.set('AKIAAGENT', { secret: 'canary-right' });
  await profile('canary-wrong');
  const error: unknown = await add({ profile: 'agent' }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'token-refused' });
  expect(objections.at(-1)).toBe('SignatureDoesNotMatch');
  expect(JSON.stringify((error as { problem: unknown }).problem)).not.toContain('canary');
});

it.each([401, 403] as const)(
  'keys that are replaced in the profile: the call that is refused with %i goes on with the new ones',
  async (refusal) => {
    await server.close();
    server = await startServer(refusal);
    aws.keys.set('AKIAAGENT', { secret: 'canary-first' });
    await profile('canary-first');
    await add({ profile: 'agent' });
    await using client = await openClient('SDK 2.x, any era', await door());
    expect((await client.call('add', { a: 1, b: 1 })).text).toBe('2');
    const before = refusals();
    aws.keys.set('AKIAAGENT', { secret: 'canary-second' });
    await profile('canary-second');
    const sums = await Promise.all([1, 2, 3].map((n) => client.call('add', { a: n, b: 0 })));
    expect(sums.map(({ text }) => text)).toEqual(['1', '2', '3']);
    expect(objections.at(-1)).toBeUndefined();
    expect(refusals() - before).toBeGreaterThan(0);
  },
);

it('a session that runs out at AWS before anybody knows: the person’s next one is taken', async () => {
  const session = (token: string): Promise<void> =>
    profile('canary-secret', `aws_session_token = ${token}\n`);
  aws.keys.set('AKIAAGENT', { secret: 'canary-secret', token: 'canary-first' });
  await session('canary-first');
  await add({ profile: 'agent' });
  await using client = await openClient('SDK 2.x, any era', await door());
  expect((await client.call('add', { a: 1, b: 1 })).text).toBe('2');
  const ended = { secret: 'canary-secret', token: 'canary-first', endsAt: Date.now() - 1 };
  aws.keys.set('AKIAAGENT', ended);
  const failed = await client.call('add', { a: 2, b: 2 }).then(
    ({ isError, text }) => [isError, text],
    (error: unknown) => [true, String(error)],
  );
  expect(failed).toEqual([true, expect.stringContaining('refuses')]);
  expect(objections.at(-1)).toBe('ExpiredToken');

  aws.keys.set('AKIAAGENT', { secret: 'canary-secret', token: 'canary-second' });
  await session('canary-second');
  await drawbridge.control.renew({ server: 'one', account: 'default' });
  expect((await client.call('add', { a: 3, b: 3 })).text).toBe('6');
});

it('a role whose session is ended early is taken again once, and a server that refuses everybody is not asked for ever', async () => {
  aws.keys.set('AKIAAGENT', { secret: 'canary-secret' });
  await profile(
    'canary-secret',
    `[profile role]\nrole_arn = ${ROLE}\nsource_profile = agent\nregion = ${REGION}\n`,
  );
  await add({ profile: 'role' });
  await using client = await openClient('SDK 2.x, any era', await door());
  expect((await client.call('add', { a: 1, b: 1 })).text).toBe('2');
  const account = drawbridge.broker.snapshot().servers[0]?.accounts[0];
  expect(account).toMatchObject({ state: 'signed-in' });
  expect(account?.expiresAt).toBeGreaterThan(Date.now() + 3_000_000);
  const taken = aws.asked.length;
  for (const id of aws.keys.keys()) if (id.startsWith('ASIA')) aws.keys.delete(id);
  aws.keys.set('AKIAAGENT', { secret: 'canary-secret' });
  expect((await client.call('add', { a: 2, b: 2 })).text).toBe('4');
  expect(aws.asked.length - taken).toBe(1);

  for (const id of aws.keys.keys()) if (id.startsWith('ASIA')) aws.keys.delete(id);
  const failed = await client.call('add', { a: 3, b: 3 }).then(
    ({ isError, text }) => [isError, text],
    (error: unknown) => [true, String(error)],
  );
  expect(failed).toEqual([true, expect.stringContaining('refuse')]);
  expect(aws.asked.length - taken).toBe(1);
});

it('no secret of AWS is anywhere but where it is meant', async () => {
  aws.keys.set('AKIAAGENT', { secret: 'canary-secret' });
  await profile(
    'canary-secret',
    `[profile role]\nrole_arn = ${ROLE}\nsource_profile = agent\nregion = ${REGION}\n`,
  );
  await add({ profile: 'role' });
  await using client = await openClient('SDK 2.x, any era', await door());
  await client.call('add', { a: 1, b: 1 });
  await drawbridge.isRead('one');
  const tokens = [...aws.keys.values()].flatMap(({ secret, token }) => [secret, token ?? secret]);
  expect(tokens.length).toBeGreaterThan(2);
  const seen = [
    await textIn(drawbridge.dataFolder),
    ...drawbridge.log,
    JSON.stringify(drawbridge.broker.snapshot()),
  ].join('\n');
  expect(seen).toContain('bedrock-agentcore');
  expect(tokens.filter((token) => seen.includes(token))).toEqual([]);
});
