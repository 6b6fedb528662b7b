import { describe, expect, it } from 'vitest';
import { tokenFailure } from '../../../broker/oauth/failures.ts';
import type { ServerRecord } from '../../../broker/servers/registry.ts';
import { createProjection, type Sources } from '../../../broker/state/projection.ts';
import { Snapshot } from '../../../shared/contract/snapshot.ts';
import { someTokens } from '../../doubles/grants.ts';
import { openBook } from '../tokens/open-book.ts';

const record: ServerRecord = {
  id: 'linear',
  kind: 'mcp',
  title: 'Linear',
  url: 'https://server.example/mcp',
  accounts: ['default'],
  defaultAccount: 'default',
  tokenSource: 'oauth',
  zone: 'public',
} as ServerRecord;

const HOUR = 3_600_000;

/** A projection over a real token book. */
const openProjection = (change: Partial<Sources> = {}) => {
  const opened = openBook();
  const project = createProjection({
    version: '1.2.3',
    servers: () => [record],
    vault: opened.vault.view,
    facts: opened.book.facts,
    minted: () => undefined,
    removals: () => [],
    holdsSecrets: () => ({ hasClientSecret: false, hasClientKey: false }),
    signIns: { running: () => undefined, failure: () => undefined, ended: () => undefined },
    moreAccess: () => undefined,
    renewsAt: () => undefined,
    doors: () => ({ http: 'http://127.0.0.1:4000' }),
    activity: { view: () => undefined, useOf: () => ({}) },
    wanted: () => undefined,
    capture: () => undefined,
    pause: () => undefined,
    shaping: () => ({}),
    notices: () => [],
    now: opened.clock.now,
    ...change,
  });
  return { ...opened, project, account: () => project(1).servers[0]?.accounts[0] };
};

describe('a snapshot', () => {
  it('shows a sign-in with everything a person may know of it', async () => {
    const { signIn, clock, account } = openProjection({ renewsAt: () => 42 });
    await signIn({ ...someTokens('0'), scopes: ['read'], label: 'me@example.com' });

    expect(account()).toEqual({
      id: 'default',
      state: 'signed-in',
      since: clock.now(),
      renewable: true,
      issuer: 'https://issuer.example',
      label: 'me@example.com',
      expiresAt: clock.now() + HOUR,
      scopes: ['read'],
      gotAt: clock.now(),
      renewsAt: 42,
    });
  });

  it('shows why nobody answers for a server, where that is known without asking', async () => {
    const away = { code: 'server-unreachable', message: 'its port is taken' } as const;
    const { signIn, clock, account } = openProjection({
      away: ({ id }) => (id === 'linear' ? away : undefined),
    });
    await signIn();
    expect(account()).toEqual({
      ...{ id: 'default', state: 'offline', since: clock.now(), problem: away },
    });
  });

  it('has no place for a secret, whatever happened', async () => {
    const { project, book, signIn, endpoint, clock } = openProjection();
    await signIn();
    const texts = [JSON.stringify(project(1))];
    endpoint.answer(someTokens('1'));
    await book.renew({ server: 'linear', account: 'default' });
    texts.push(JSON.stringify(project(2)));
    await clock.advance(2 * HOUR);
    endpoint.answer(tokenFailure('later', 'issuer.example', { cause: new Error('canary-cause') }));
    await book.renew({ server: 'linear', account: 'default' }).catch(() => undefined);
    texts.push(JSON.stringify(project(3)));

    expect(texts.join()).toContain('"state":"retrying"');
    expect(texts.join()).not.toMatch(/canary|secret/i);
  });

  it('is of the shape that was agreed, to the last member', async () => {
    const { project, signIn } = openProjection({
      signIns: {
        running: () => ({ step: 'saving', startedAt: 5, abort: 'canary' }) as never,
        failure: () => undefined,
        ended: () => undefined,
      },
      notices: () => [{ code: 'settings-damaged', message: 'm' }],
    });
    await signIn();
    const snapshot = project(7);

    expect(Snapshot.parse(snapshot)).toEqual(snapshot);
    expect(snapshot).toMatchObject({
      revision: 7,
      version: '1.2.3',
      doors: { http: 'http://127.0.0.1:4000' },
      notices: [{ code: 'settings-damaged' }],
    });
    expect(snapshot.servers[0]?.accounts[0]?.signIn).toEqual({ step: 'saving', startedAt: 5 });
  });

  it('does not ask for a sign-in while the vault is closed: nobody can tell', () => {
    const { vault, account } = openProjection();
    const problem = { code: 'vault-locked', message: 'locked' } as const;
    vault.show({ kind: 'keychain', state: 'closed', problem });

    expect(account()).toMatchObject({ state: 'offline', problem });
  });

  it('says that a program whose variables name secrets waits for the vault, like one that has some kept for it', () => {
    const env = { TOKEN: 'Bearer ${vault:TOKEN}' };
    const command = { program: 'p', args: [], processes: 'own' as const, env, secretEnv: [] };
    const { vault, account } = openProjection({
      servers: () => [{ ...record, kind: 'local', tokenSource: 'none', command }],
    });
    const problem = { code: 'vault-locked', message: 'locked' } as const;
    vault.show({ kind: 'keychain', state: 'closed', problem });

    expect(account()).toMatchObject({ state: 'offline', problem });
  });

  it('does not repeat, once the vault is open, that a sign-in could not begin while it was closed', () => {
    const failure = { code: 'vault-locked', message: 'locked' } as const;
    const { account } = openProjection({
      signIns: { running: () => undefined, ended: () => undefined, failure: () => failure },
    });

    expect(account()).toEqual({ id: 'default', state: 'needs-sign-in', since: expect.any(Number) });
  });

  it('shows a server without a sign-in as open', () => {
    const { account } = openProjection({
      servers: () => [{ ...record, tokenSource: 'none' }],
    });

    expect(account()).toEqual({ id: 'default', state: 'open', since: expect.any(Number) });
  });

  it('says that a sign-in has lapsed at the very end of its token', async () => {
    const { signIn, clock, account } = openProjection();
    await signIn(someTokens('0', { renewable: false }));
    await clock.advance(HOUR - 1);
    expect(account()?.state).toBe('signed-in');

    await clock.advance(1);

    expect(account()).toMatchObject({ state: 'needs-sign-in', problem: { code: 'needs-sign-in' } });
  });
});

describe('since when', () => {
  it('is when the state was entered, not when it was last looked at', async () => {
    const { signIn, clock, account } = openProjection();
    const begun = clock.now();
    expect(account()).toMatchObject({ state: 'needs-sign-in', since: begun });
    await clock.advance(1000);
    expect(account()?.since).toBe(begun);

    await signIn();

    expect(account()).toMatchObject({ state: 'signed-in', since: begun + 1000 });
  });

  it('begins anew for a server that was removed and added again', async () => {
    let servers = [record];
    const { clock, project, account } = openProjection({ servers: () => servers });
    account();
    servers = [];
    project(1);
    await clock.advance(1000);
    servers = [record];

    expect(account()?.since).toBe(clock.now());
  });
});
