/** Does the door take what a cluster takes for a good token, for this door, and nothing else? */
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DoorSettings } from '../../../../shared/contract/door.ts';
import { createAuthority } from '../../../servers/certificates.ts';
import { startTokenReviewServer, type TokenReviewServer } from '../../../servers/token-review.ts';
import { metadataOf, type Stage, startStage } from './stage.ts';

let stage: Stage;
let cluster: TokenReviewServer;
let folder: string;
let tokenFile: string;
beforeEach(async () => {
  stage = await startStage();
  cluster = await startTokenReviewServer();
  folder = await mkdtemp(path.join(tmpdir(), 'drawbridge-'));
  tokenFile = path.join(folder, 'token');
  await writeFile(tokenFile, 'canary-reviewer-1\n');
  cluster.reviewers.add('canary-reviewer-1');
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

const verify = (more: object = {}) => ({
  ...{ kind: 'kubernetes' as const, api: cluster.api, caFile: cluster.caFile, tokenFile },
  ...more,
});
const set = (settings: Partial<DoorSettings> = {}) => stage.set({ verify: verify(), ...settings });
const robot = (audience = stage.resource) => {
  const token = `canary-service-account-${cluster.tokens.size}`;
  cluster.tokens.set(token, {
    username: 'system:serviceaccount:team-a:robot',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:team-a'],
    audiences: [audience],
  });
  return token;
};

it('asks the cluster about the token for this door, and remembers the answer for a moment', async () => {
  await set();
  const token = robot();
  const before = cluster.asked.length;
  for (let time = 0; time < 3; time += 1) expect((await stage.ask(token)).status).toBe(200);
  const { origin } = new URL(stage.resource);
  expect(cluster.asked.slice(before)).toEqual([
    { by: 'canary-reviewer-1', token, audiences: [stage.resource, `${origin}/mcp`] },
  ]);
  expect(stage.reachedUpstream(token)).toBe(false);

  cluster.tokens.delete(token);
  stage.drawbridge.clock.shift(31_000);
  expect(await stage.ask(token)).toMatchObject({
    status: 401,
    challenge: expect.stringMatching(/^Bearer error="invalid_token"/) as string,
  });
});

it('refuses unknown tokens, and those for another audience', async () => {
  await set();
  const other = robot('https://kubernetes.default.svc');
  for (const token of [other, 'canary-made-up-token']) {
    const { status, challenge } = await stage.ask(token);
    expect(status).toBe(401);
    expect(challenge).toContain(metadataOf(stage.resource));
  }
});

it('refuses a token when the cluster does not say for whom it is', async () => {
  await set();
  const token = robot();
  expect((await stage.ask(token)).status).toBe(200);
  cluster.forgetAudiences();
  expect((await stage.ask(robot())).status).toBe(401);
});

it('opens to users and groups what their rows say', async () => {
  const inTeam = { group: 'system:serviceaccounts:team-a', servers: ['one'] };
  await set({ callers: [inTeam] });
  expect((await stage.ask(robot())).status).toBe(200);
  await set({ callers: [{ group: 'system:serviceaccounts:team-b', servers: ['one'] }] });
  expect((await stage.ask(robot())).status).toBe(403);
  await set({ callers: [{ subject: 'system:serviceaccount:team-a:robot', servers: ['one'] }] });
  expect((await stage.ask(robot())).status).toBe(200);
});

it('shows its own token as it is in the file by then', async () => {
  await set();
  cluster.reviewers.clear();
  cluster.reviewers.add('canary-reviewer-2');
  expect((await stage.ask(robot())).status).toBe(503);
  await writeFile(tokenFile, 'canary-reviewer-2');
  expect((await stage.ask(robot())).status).toBe(200);
  await rm(tokenFile);
  const { status, challenge } = await stage.ask(robot());
  expect([status, challenge]).toEqual([503, '']);
});

it('shows no token of its pod to an API server that is named, nor whatever else a file holds', async () => {
  await expect(set({ verify: verify({ tokenFile: undefined }) })).rejects.toMatchObject({
    ...{ code: 'bad-request', hint: expect.stringContaining('--token-file') as string },
  });
  await writeFile(tokenFile, '-----BEGIN PRIVATE KEY-----\ncanary\n');
  await expect(set()).rejects.toMatchObject({ code: 'reference-unresolved' });
  expect(cluster.asked).toEqual([]);
});

it('a token is hidden in the log before anybody is asked about it', async () => {
  await set({ callers: [] });
  // A cluster that repeats what it was asked.
  const token = 'canary-token-that-comes-back';
  cluster.tokens.set(token, { username: token, audiences: [stage.resource] });
  expect((await stage.ask(token)).status).toBe(403);
  const line = stage.drawbridge.log.findLast((one) => one.includes('no row fits'));
  expect(line).toContain('"subject":"[secret]"');
  expect(stage.drawbridge.log.join()).not.toContain(token);
});

it('is not set where Drawbridge may not ask, or the certificate is somebody else’s', async () => {
  await writeFile(tokenFile, 'canary-nobody');
  await expect(set()).rejects.toMatchObject({
    code: 'server-trouble',
    hint: expect.stringContaining('tokenreviews') as string,
  });
  await writeFile(tokenFile, 'canary-reviewer-1');
  using stranger = createAuthority('Somebody Else');
  await expect(set({ verify: verify({ caFile: stranger.file }) })).rejects.toMatchObject({
    code: 'tls-failed',
  });
  await expect(set({ verify: verify({ caFile: undefined }) })).rejects.toMatchObject({
    code: 'tls-failed',
  });
  expect(cluster.asked).toEqual([]);
});

it('trusts the authority that is in the file by then', async () => {
  const caFile = path.join(folder, 'ca.crt');
  await copyFile(cluster.caFile, caFile);
  await set({ verify: verify({ caFile }) });
  expect((await stage.ask(robot())).status).toBe(200);
  using stranger = createAuthority('Somebody Else');
  await copyFile(stranger.file, caFile);
  expect((await stage.ask(robot())).status).toBe(503);
  await copyFile(cluster.caFile, caFile);
  expect((await stage.ask(robot())).status).toBe(200);
});

it('outside of a pod it has to be named', async () => {
  const nothing = { api: undefined, caFile: undefined, tokenFile: undefined };
  await expect(set({ verify: verify(nothing) })).rejects.toMatchObject({ code: 'bad-request' });
});
