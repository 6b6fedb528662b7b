/** Is nobody asked about callers of the door, and nobody let in on their word, whom the administrator does not allow? */
import { writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DoorVerifier } from '../../../shared/contract/door.ts';
import { eventually } from '../../doubles/eventually.ts';
import { makeFolder } from '../../doubles/folder.ts';
import { createPolicyFile, type PolicyFile } from '../../doubles/policy-file.ts';
import { sendJson, startLoopbackServer } from '../../servers/loopback-server.ts';
import { type SigningIssuer, startSigningIssuer } from '../../servers/signing-issuer.ts';
import { startTokenReviewServer } from '../../servers/token-review.ts';
import {
  type Answer,
  everybody,
  initialize,
  type Stage,
  startStage,
} from '../bridge/verify/stage.ts';

let policy: PolicyFile;
let stage: Stage;
let issuer: SigningIssuer;
beforeEach(async () => {
  policy = createPolicyFile();
  stage = await startStage({ policy: policy.place });
  issuer = await startSigningIssuer();
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await issuer[Symbol.asyncDispose]();
  policy[Symbol.dispose]();
});

const only = (...signIn: string[]): void => policy.put({ allowedHosts: { signIn } });
const forbidden = (rule: string) => ({
  code: 'policy-forbids',
  message: expect.stringContaining(rule) as string,
});
const notAllowed = ({ host }: URL) => forbidden(`${host} is not in allowedHosts.signIn`);
const byKeys = (): DoorVerifier => ({ kind: 'jwks', issuer: issuer.issuer });
const settings = () => stage.drawbridge.control.door().then((view) => view.settings);
/** The request that comes upon another policy may end with all the others that are there. */
const askAfterChange = async (token: string): Promise<Answer> => {
  const asking = () => stage.ask(token).catch(() => undefined);
  await expect.poll(asking, eventually).toBeDefined();
  return stage.ask(token);
};
const doors = () => stage.drawbridge.broker.snapshot().doors;

describe('who vouches for callers is a sign-in service', () => {
  it('an issuer that is not allowed is neither set nor asked, wherever its keys are', async () => {
    only('login.acme.example');
    const before = await settings();
    for (const verify of [
      byKeys(),
      { ...byKeys(), jwksUrl: issuer.jwksUrl },
      { ...byKeys(), issuer: 'https://login.acme.example', jwksUrl: issuer.jwksUrl },
    ])
      await expect(stage.set({ verify })).rejects.toMatchObject(notAllowed(new URL(issuer.issuer)));
    expect([await settings(), issuer.asked()]).toEqual([before, 0]);
  });

  it('keys that an allowed issuer has elsewhere are not asked for there', async () => {
    only('127.0.0.1');
    await using other = await startLoopbackServer((origin) => (_req, res) => {
      const elsewhere = issuer.jwksUrl.replace('127.0.0.1', 'localhost');
      sendJson(res, 200, { issuer: origin, token_endpoint: origin, jwks_uri: elsewhere });
    });
    await expect(
      stage.set({ verify: { kind: 'jwks', issuer: other.origin } }),
    ).rejects.toMatchObject(forbidden('localhost'));
    expect(issuer.asked()).toBe(0);
  });

  it('an introspection endpoint that is not allowed sees no token, and no secret of ours', async () => {
    only('login.acme.example');
    const heard: string[] = [];
    await using endpoint = await startLoopbackServer(() => (req, res) => {
      heard.push(`${req.method} ${req.url}`);
      sendJson(res, 200, { active: false });
    });
    await stage.drawbridge.control.keepSecret({ name: 'ASKING', value: 'canary-asking-secret' });
    const verify: DoorVerifier = {
      ...{ kind: 'introspection', issuer: 'https://login.acme.example' },
      ...{ endpoint: endpoint.origin, clientId: 'door', clientAuth: 'basic' },
      clientSecret: '${vault:ASKING}',
    };
    await expect(stage.set({ verify })).rejects.toMatchObject(notAllowed(new URL(endpoint.origin)));
    expect(heard).toEqual([]);
  });

  it('the API server of a cluster is one as well, also with an authority of its own', async () => {
    await using cluster = await startTokenReviewServer();
    using folder = makeFolder();
    const tokenFile = folder.of('token');
    await writeFile(tokenFile, 'canary-reviewer');
    cluster.reviewers.add('canary-reviewer');
    const { api, caFile } = cluster;
    const verify: DoorVerifier = { kind: 'kubernetes', api, caFile, tokenFile };
    only('login.acme.example');
    await expect(stage.set({ verify })).rejects.toMatchObject(notAllowed(new URL(api)));
    expect(cluster.asked).toEqual([]);
    only(new URL(api).hostname);
    await stage.set({ verify });
    expect(cluster.asked.length).toBe(1);
    // Known from before: an answer that is remembered opens nothing either.
    cluster.tokens.set('canary-robot', { username: 'robot', audiences: [stage.resource] });
    expect((await stage.ask('canary-robot')).status).toBe(200);
    only('login.acme.example');
    expect((await askAfterChange('canary-robot')).status).toBe(403);
  });
});

it('a door whose issuer is not allowed any more is shut, with the reason, and open again when it is', async () => {
  await stage.set({ verify: byKeys() });
  const token = await issuer.sign({ aud: stage.resource });
  const began = await stage.ask(token);
  expect(began.status).toBe(200);
  const session = { 'mcp-session-id': String(began.headers['mcp-session-id']) };
  let ended = false;
  const stream = stage
    .ask(token, { method: 'GET', headers: { ...session, accept: 'text/event-stream' } })
    .catch(() => undefined)
    .finally(() => (ended = true));
  await stage.ask(token, { body: initialize });
  expect(ended).toBe(false);

  only('login.acme.example');
  const shut = await askAfterChange(token);
  expect([shut.status, shut.challenge, shut.text]).toEqual([
    403,
    '',
    expect.stringContaining('allowedHosts.signIn'),
  ]);
  await stream;
  await expect
    .poll(doors, eventually)
    .toEqual({ problem: expect.objectContaining(notAllowed(new URL(issuer.issuer))) as object });

  only('127.0.0.1');
  expect((await stage.ask(token)).status).toBe(200);
  expect(doors().verified).toBeDefined();
});

it('a door that is switched off takes no tokens, but may be given up', async () => {
  policy.put({ disabled: ['http-door'] });
  await expect(stage.set({ verify: byKeys() })).rejects.toMatchObject(forbidden('http-door'));
  policy.remove();
  await stage.set({ verify: byKeys() });
  policy.put({ disabled: ['http-door'] });
  const token = await issuer.sign({ aud: stage.resource });
  expect((await askAfterChange(token)).status).toBe(403);
  expect(
    (
      await stage.ask(undefined, {
        method: 'GET',
        path: '/.well-known/oauth-protected-resource/mcp/one',
      })
    ).status,
  ).toBe(403);
  await stage.drawbridge.control.changeDoor({ callers: [], proxies: [] });
  expect((await settings()).verify).toBeUndefined();
});

it('while the policy has a fault, the door can be looked at and callers be taken away, and nothing else', async () => {
  const ada = { subject: 'ada', servers: ['one'] };
  const verify = byKeys();
  await stage.set({ verify, callers: [ada, ...everybody] });
  policy.putText('{ "disabeld": [] }');
  const faulty = { code: 'policy-faulty' };
  for (const change of [
    { verify, callers: [ada, ...everybody, { group: 'all', servers: 'every' as const }] },
    { verify, callers: [{ ...ada, servers: 'every' as const }] },
    { verify: { ...verify, plainJwt: true as const }, callers: [ada] },
    { callers: [ada] },
    { verify, callers: [ada], publicAddress: 'https://mcp.acme.example' },
  ])
    await expect(stage.set(change)).rejects.toMatchObject(faulty);
  await stage.set({ verify, callers: [ada] });
  expect((await settings()).callers).toEqual([ada]);
  const bob = await issuer.sign({ aud: stage.resource, sub: 'bob' });
  expect((await stage.ask(bob)).status).toBe(403);
});
