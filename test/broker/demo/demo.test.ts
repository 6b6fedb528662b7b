/** Can a person without any account try the whole way with the demo, and does it stay what it is through everything? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../shared/contract/snapshot.ts';
import { eventually } from '../../doubles/eventually.ts';
import { startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createPolicyFile } from '../../doubles/policy-file.ts';
import {
  keyOf,
  type RestartableBroker,
  startRestartableBroker,
} from '../../doubles/restartable-broker.ts';
import { chromiumAvailable, openChromium } from '../../servers/chromium.ts';
import { startHolding } from '../../servers/holding-program.ts';
import { type Generation, openClient } from '../bridge/official-clients.ts';
import { signInLikeABrowser } from './stage.ts';

let drawbridge: RestartableBroker;

beforeEach(async () => {
  drawbridge = await startRestartableBroker({ browser: signInLikeABrowser });
});
afterEach(() => drawbridge[Symbol.asyncDispose]());

const snapshot = (): Promise<Snapshot> => drawbridge.control.snapshot();
const add = async () => (await drawbridge.control.addDemo({})).server;
const signIn = async (server = 'demo') => {
  await drawbridge.control.signIn(keyOf(server), {});
  return drawbridge.reaches(server, 'signed-in');
};
const isServed = (url: string): Promise<boolean> =>
  fetch(new URL('/.well-known/oauth-authorization-server', url)).then(
    ({ ok }) => ok,
    () => false,
  );

const openAt = async (generation: Generation = 'SDK 2.x, any era') => {
  const { key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' });
  const { http } = (await snapshot()).doors;
  return openClient(generation, { url: `${http}/mcp/demo`, key });
};
const whoAmI = async (): Promise<string> => {
  await using client = await openAt();
  return (await client.call('who_am_i')).text;
};

describe('adding the demo', () => {
  it('starts it, finds out what it wants, and gives the same a second time', async () => {
    const { server, probe } = await drawbridge.control.addDemo({});
    expect(server).toMatchObject({ id: 'demo', title: 'Demo', kind: 'mcp' });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    expect(server.accounts[0]?.state).toBe('needs-sign-in');
    expect([probe.signIn, probe.registration]).toEqual(['oauth', 'dynamic']);
    const again = await Promise.all([1, 2].map(() => drawbridge.control.addDemo({})));
    expect(again.map((each) => each.server.url)).toEqual([server.url, server.url]);
    expect((await snapshot()).servers).toHaveLength(1);
  });

  it('twice at the same time adds one', async () => {
    const both = await Promise.all([
      drawbridge.control.addDemo({}),
      drawbridge.control.addDemo({}),
    ]);
    expect(both.map(({ server }) => server.id)).toEqual(['demo', 'demo']);
    expect((await snapshot()).servers).toHaveLength(1);
  });

  it('leaves alone what a person has called demo', async () => {
    await drawbridge.control.addLocalServer({
      ...{ id: 'demo', title: 'Mine', command: { program: 'true', args: [] } },
    });
    expect((await add()).id).toBe('demo-2');
    expect((await snapshot()).servers.map(({ id }) => id)).toEqual(['demo', 'demo-2']);
  });
});

describe('the whole way', () => {
  it.each<Generation>(['SDK 2.x, any era', 'SDK 2.x, legacy era', 'SDK 1.x'])(
    'leads from nothing to a tool call of an AI client of %s',
    async (generation) => {
      await add();
      const account = await signIn();
      expect(account).toMatchObject({ label: 'Guest', renewable: true });
      expect(drawbridge.opened).toHaveLength(1);
      await using client = await openAt(generation);
      expect(await client.tools()).toEqual(['who_am_i', 'echo', 'add', 'time_now']);
      expect((await client.call('add', { a: 19, b: 23 })).text).toBe('42');
      expect((await client.call('who_am_i')).text).toMatch(/^You are Guest, /);
      expect(await client.prompts()).toEqual(['try_the_demo']);
      expect(await client.read('demo://about')).toContain('The demo of Drawbridge');
    },
  );

  it('renews its token, and says so', async () => {
    await add();
    await signIn();
    expect(await whoAmI()).toContain('has not renewed it yet');
    drawbridge.clock.shift(5 * 60_000);
    expect(await whoAmI()).toContain('renewed it once');
    drawbridge.clock.shift(5 * 60_000);
    expect(await whoAmI()).toContain('renewed it 2 times');
    expect(drawbridge.opened).toHaveLength(1);
  });

  it('ends with a sign-out, of which it hears', async () => {
    await add();
    await signIn();
    expect(await drawbridge.control.signOut(keyOf('demo'))).toEqual({ revoked: 'yes' });
    await drawbridge.reaches('demo', 'needs-sign-in');
    await signIn();
    expect(await whoAmI()).toContain('not renewed it yet');
  });

  it.skipIf(!chromiumAvailable())(
    'is gone by a person with a mouse in a real browser',
    async () => {
      await using chromium = await openChromium();
      const page = await chromium.browser.newPage();
      await drawbridge[Symbol.asyncDispose]();
      drawbridge = await startRestartableBroker({ browser: (link) => page.goto(link) });
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      await add();
      await drawbridge.control.signIn(keyOf('demo'), {});
      const button = page.getByRole('button', { name: 'Sign in as Guest' });
      await button.waitFor();
      expect(await page.textContent('main')).toContain('Nothing leaves this computer.');
      await button.click();
      await page.waitForURL(/\/callback\//);
      await drawbridge.reaches('demo', 'signed-in');
      expect(await page.textContent('main')).toContain('signed in');
      // The page's own rules for browsers forbid nothing that it needs.
      expect(complaints).toEqual([]);
    },
    30_000,
  );
});

describe('a restart', () => {
  it('keeps the address and the sign-in, and renews as before', async () => {
    const { url } = await add();
    await signIn();
    await drawbridge.restart();
    const account = await drawbridge.reaches('demo', 'signed-in');
    expect(account.label).toBe('Guest');
    expect((await snapshot()).servers[0]?.url).toBe(url);
    drawbridge.clock.shift(5 * 60_000);
    expect(await whoAmI()).toContain('renewed it once');
    expect(drawbridge.opened).toHaveLength(1);
  });

  it('starts nothing where the demo was not added, or was removed', async () => {
    const { url } = await add();
    await drawbridge.control.removeServer({ server: 'demo' });
    await expect.poll(() => isServed(url), eventually).toBe(false);
    await drawbridge.restart();
    expect((await snapshot()).servers).toEqual([]);
    expect(await isServed(url)).toBe(false);
  });

  it('on a port that is taken says by whom, sends nothing there, and goes on once it is free', async () => {
    const { url } = await add();
    await signIn();
    await using stack = new AsyncDisposableStack();
    let other: Awaited<ReturnType<typeof startHolding>> | undefined;
    await drawbridge.restart(async () => {
      other = stack.use(await startHolding('127.0.0.1', Number(new URL(url).port)));
    });
    await expect
      .poll(() => drawbridge.account('demo'), eventually)
      .toMatchObject({
        state: 'offline',
        problem: {
          code: 'server-unreachable',
          message: expect.stringContaining(`is taken by ${other?.named}`) as string,
        },
      });
    await drawbridge.control.openVault({});
    await using client = await openAt();
    const call = await client.call('who_am_i');
    expect(call.isError).toBe(true);
    expect(call.text).toContain('the demo is not running');
    drawbridge.clock.shift(5 * 60_000);
    expect((await client.call('who_am_i')).text).toContain('the demo is not running');
    await expect(drawbridge.control.renew(keyOf('demo'))).rejects.toThrow();
    await expect(drawbridge.control.addDemo({})).rejects.toThrow('the demo is not running');
    expect(other?.visits()).toBe(0);

    await stack.disposeAsync();
    await expect
      .poll(() => drawbridge.account('demo')?.state, { timeout: 20_000, interval: 50 })
      .toBe('signed-in');
    expect((await client.call('who_am_i')).text).toContain('You are Guest');
    expect(drawbridge.opened).toHaveLength(1);
  }, 40_000);

  it('on a port that is taken for good: removed and added again, it has another', async () => {
    const { url } = await add();
    await using stack = new AsyncDisposableStack();
    await drawbridge.restart(async () => {
      stack.use(await startHolding('127.0.0.1', Number(new URL(url).port)));
    });
    await expect.poll(() => drawbridge.account('demo')?.state, eventually).toBe('offline');
    await drawbridge.control.openVault({});
    await drawbridge.control.removeServer({ server: 'demo' });
    const again = await add();
    expect(again.id).toBe('demo');
    expect(again.url).not.toBe(url);
    expect((await signIn()).label).toBe('Guest');
  });
});

describe('removing the demo', () => {
  it('ends it, and what was signed in; added again it is at the same address', async () => {
    const { url } = await add();
    await signIn();
    await drawbridge.control.removeServer({ server: 'demo' });
    await expect.poll(() => isServed(url), eventually).toBe(false);
    expect((await add()).url).toBe(url);
    expect(drawbridge.account('demo')?.state).toBe('needs-sign-in');
    await signIn();
    expect(await whoAmI()).toContain('not renewed it yet');
  });

  it('leaves its port to others: a server that a person adds there is no demo', async () => {
    const { url } = await add();
    await drawbridge.control.removeServer({ server: 'demo' });
    await expect.poll(() => isServed(url), eventually).toBe(false);
    await using other = await startHolding('127.0.0.1', Number(new URL(url).port));
    await expect(drawbridge.control.addServer({ url })).rejects.toThrow();
    expect(other.visits()).toBeGreaterThan(0);
  });
});

describe('secrets of the demo', () => {
  it('are in no file but the sealed one, and in no log', async () => {
    await add();
    await signIn();
    const { token } = await drawbridge.control.token(keyOf('demo'));
    const written = await drawbridge.everythingWritten();
    expect(token.length).toBeGreaterThan(100);
    expect(written).not.toContain(token);
    expect(written).not.toContain(token.split('.')[2]);
  });

  it('go with a wipe, which ends the sign-in there as well', async () => {
    await add();
    await signIn();
    const { token } = await drawbridge.control.token(keyOf('demo'));
    const { accounts, left } = await drawbridge.control.wipe({});
    expect([accounts, left]).toEqual([[{ ...keyOf('demo'), revoked: 'yes' }], []]);
    const url = (await snapshot()).servers[0]?.url ?? '';
    const refused = await fetch(url, {
      ...{ method: 'POST', headers: { authorization: `Bearer ${token}` }, body: '{}' },
    });
    expect(refused.status).toBe(401);
    await signIn();
    expect(await whoAmI()).toContain('not renewed it yet');
  });
});

describe('the policy of an administrator', () => {
  const onlyAcme = { allowedHosts: { servers: ['mcp.acme.example'] } };

  it('keeps the demo from being added, or even started', async () => {
    using policy = createPolicyFile(onlyAcme);
    await using held = await startInProcessBroker({ policy: policy.place });
    await expect(held.control.addDemo({})).rejects.toMatchObject({ code: 'policy-forbids' });
    expect((await held.control.snapshot()).servers).toEqual([]);

    policy.put({ allowedHosts: { signIn: ['login.acme.example'] } });
    await expect(held.control.addDemo({})).rejects.toMatchObject({ code: 'policy-forbids' });
    expect((await held.control.snapshot()).servers).toEqual([]);

    policy.putText('{');
    await expect(held.control.addDemo({})).rejects.toMatchObject({ code: 'policy-faulty' });
    policy.remove();
    expect((await held.control.addDemo({})).server.id).toBe('demo');
  });

  it('ends one that is there, until it is allowed again', async () => {
    using policy = createPolicyFile({});
    await using held = await startInProcessBroker({ policy: policy.place });
    const { server } = await held.control.addDemo({});
    policy.put(onlyAcme);
    // A deed looks at the policy.
    await held.control.snapshot();
    await expect.poll(() => isServed(server.url), eventually).toBe(false);
    expect(held.stateOf('demo')).toBe('needs-setup');
    policy.remove();
    await held.control.snapshot();
    await expect.poll(() => isServed(server.url), eventually).toBe(true);
    expect(held.stateOf('demo')).toBe('needs-sign-in');
  });
});
