/** Two people at one server at once: does anything of one ever reach the other? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AccountState, AccountView } from '../../../shared/contract/snapshot.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { hashToken } from '../../servers/mcp-front.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { openClient, type Way } from './official-clients.ts';
import { shimCommand, startShim } from './shim-process.ts';

let signInService: AuthorizationServer;
let small: McpTestServer;
let everything: EverythingServer;
let drawbridge: InProcessBroker;
let atTheBrowser: string;
let key: string;

beforeEach(async () => {
  signInService = await startAuthorizationServer({ tellsWhoAt: 'userinfo' });
  small = await startMcpServer({ authorizationServer: signInService });
  everything = await startEverythingServer({ authorizationServer: signInService });
  drawbridge = await startInProcessBroker({ person: () => atTheBrowser });
  atTheBrowser = 'ada';
  await drawbridge.signInTo('small', small.url);
  await drawbridge.signInTo('every', everything.url);
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' }));
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await everything.close();
  await small.close();
  await signInService.close();
});

const accountOf = (server: string, account: string): AccountView | undefined =>
  drawbridge.broker
    .snapshot()
    .servers.find(({ id }) => id === server)
    ?.accounts.find(({ id }) => id === account);

const reaches = async (server: string, account: string, state: AccountState): Promise<void> => {
  await expect
    .poll(() => accountOf(server, account)?.state, { timeout: 10_000, interval: 20 })
    .toBe(state);
};

const signInAs = async (person: string, server: string, account: string, body = {}) => {
  atTheBrowser = person;
  await drawbridge.control.signIn({ server, account }, body);
  await reaches(server, account, 'signed-in');
  await drawbridge.isRead(server, account);
};

const addAccount = async (server: string, account: string, person: string): Promise<void> => {
  await drawbridge.control.addAccount({ server }, { account });
  await signInAs(person, server, account);
};

const overHttp = (address: string): Way => ({
  url: `${drawbridge.baseOfDoor}/mcp/${address}`,
  key,
});
const overShim = (address: string): Way => shimCommand(drawbridge.dataFolder, address);

const tokenOf = async (server: string, account: string): Promise<string> =>
  hashToken((await drawbridge.control.token({ server, account })).token);

const askedLast = () => signInService.seen.findLast(({ endpoint }) => endpoint === 'authorization');

describe('two AI clients as two people', () => {
  it.each([
    ['the HTTP door', overHttp],
    ['the shim', overShim],
  ])('are who they said at %s, call by call', async (_door, way) => {
    await addAccount('small', 'work', 'grace');
    await using ada = await openClient('SDK 2.x, any era', way('small'));
    await using grace = await openClient('SDK 2.x, any era', way('small/work'));
    await using pinned = await openClient('SDK 1.x', way('small/default'));

    const answers = await Promise.all(
      Array.from({ length: 10 }, () =>
        [ada, grace, pinned].map((one) => one.call('whoami')),
      ).flat(),
    );

    const names = new Set(answers.map(({ text }, index) => `${index % 3} ${text}`));
    expect([...names].toSorted()).toEqual(['0 ada', '1 grace', '2 ada']);
  });

  it('keep their tokens apart when they are renewed, and when one of them leaves', async () => {
    await addAccount('small', 'work', 'grace');
    await using ada = await openClient('SDK 2.x, any era', overHttp('small'));
    await using grace = await openClient('SDK 2.x, any era', overShim('small/work'));
    const before = [await tokenOf('small', 'default'), await tokenOf('small', 'work')];
    signInService.revokeAccessTokens();
    drawbridge.clock.shift(30_000);

    expect(
      (await Promise.all([ada.call('whoami'), grace.call('whoami')])).map(({ text }) => text),
    ).toEqual(['ada', 'grace']);
    const after = [await tokenOf('small', 'default'), await tokenOf('small', 'work')];
    expect(new Set([...before, ...after]).size).toBe(4);

    await drawbridge.control.signOut({ server: 'small', account: 'work' });
    expect((await ada.call('whoami')).text).toBe('ada');
    expect(await grace.call('whoami')).toEqual({
      text: '127.0.0.1 (work): nobody is signed in (sign in to this server)',
      isError: true,
    });
  });

  it.each([
    ['an account that is not there', 'small/nobody', /small has no account "nobody"/],
    ['a server that is not there', 'nothing/work', /there is no server "nothing"/],
    ['more than a name', 'small/work/more', /small has no account "work\/more"/],
  ])('that name %s are told so', async (_what, address, says) => {
    const started = startShim(drawbridge.dataFolder, address);
    expect(await started.ended).toBe(1);
    expect(started.stderr()).toMatch(says);
    const { status } = await fetch(`${drawbridge.baseOfDoor}/mcp/${address}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
    });
    expect(status).toBe(404);
  });
});

describe('the default account', () => {
  /** Which tokens each session was used with at the server, of those in which somebody called a tool. */
  const tokensBySession = (): string[][] => {
    const bySession = Map.groupBy(
      everything.seen.filter(({ sessionId }) => sessionId !== undefined),
      ({ sessionId }) => sessionId,
    );
    const called = [...bySession.values()].filter((seen) =>
      seen.some(({ method }) => method === 'tools/call'),
    );
    return called.map((seen) => [...new Set(seen.map(({ tokenHash }) => tokenHash ?? 'none'))]);
  };

  it.each([
    ['the HTTP door', overHttp],
    ['the shim', overShim],
  ])('can change while sessions run at %s: each goes on as who it began as', async (_door, way) => {
    await addAccount('every', 'work', 'grace');
    const [adas, graces] = [await tokenOf('every', 'default'), await tokenOf('every', 'work')];
    await using before = await openClient('SDK 1.x', way('every'));
    await before.call('echo', { message: 'as ada' });

    await drawbridge.control.makeDefaultAccount({ server: 'every', account: 'work' });
    await using after = await openClient('SDK 1.x', way('every'));
    await using pinned = await openClient('SDK 1.x', way('every/work'));
    for (const client of [before, after, pinned, before])
      expect((await client.call('echo', { message: 'still there' })).text).toContain('still there');

    expect(tokensBySession()).toEqual([[adas], [graces], [graces]]);
    expect(
      everything.seen.every(({ sessionId }) => sessionId?.includes('drawbridge') !== true),
    ).toBe(true);
  });

  it('is who a modern AI client is from its next request on', async () => {
    await addAccount('small', 'work', 'grace');
    await using client = await openClient('SDK 2.x, any era', overHttp('small'));
    expect((await client.call('whoami')).text).toBe('ada');
    await drawbridge.control.makeDefaultAccount({ server: 'small', account: 'work' });
    expect((await client.call('whoami')).text).toBe('grace');
  });

  it('once removed ends its sessions, and is another for those that begin', async () => {
    await addAccount('every', 'work', 'grace');
    await using before = await openClient('SDK 1.x', overHttp('every'));
    await drawbridge.control.makeDefaultAccount({ server: 'every', account: 'work' });
    await drawbridge.control.removeAccount({ server: 'every', account: 'default' });
    const graces = await tokenOf('every', 'work');

    await expect(before.call('echo', { message: 'x' })).rejects.toThrow(/no such server/);
    await using after = await openClient('SDK 1.x', overHttp('every'));
    await after.call('echo', { message: 'x' });
    expect(everything.seen.at(-1)?.tokenHash).toBe(graces);
  });

  it('lends its session to no other account', async () => {
    await addAccount('every', 'work', 'grace');
    const ask = (address: string, headers: Record<string, string>, method: string) =>
      fetch(`${drawbridge.baseOfDoor}/mcp/${address}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        body: JSON.stringify({
          ...{ jsonrpc: '2.0', id: 1, method },
          params: {
            protocolVersion: '2025-06-18',
            capabilities: {},
            clientInfo: { name: 't', version: '1' },
          },
        }),
      });
    const begun = await ask('every/work', {}, 'initialize');
    await begun.body?.cancel();
    const session = begun.headers.get('mcp-session-id') ?? '';
    const seen = everything.seen.length;

    expect(session).toMatch(/^drawbridge\.work\./);
    for (const id of [session, 'made-up'])
      expect((await ask('every/default', { 'mcp-session-id': id }, 'ping')).status).toBe(404);
    // What names another owner does not come as far as the server.
    expect(everything.seen.slice(seen).map(({ sessionId }) => sessionId)).toEqual(['made-up']);
  });
});

describe('signing in to the right account', () => {
  it('lets the person choose at the first sign-in of a further one, and remembers who it was', async () => {
    expect(askedLast()?.params).not.toHaveProperty('login_hint');
    expect(askedLast()?.params['prompt']).toBe('consent');
    await addAccount('small', 'work', 'grace');
    expect(askedLast()?.params['prompt']).toBe('select_account consent');
    expect(accountOf('small', 'work')?.label).toBe('grace@example.com');
    expect(accountOf('small', 'default')?.label).toBe('ada@example.com');

    await signInAs('ada', 'small', 'default');
    expect(askedLast()?.params).toMatchObject({ login_hint: 'ada@example.com', prompt: 'consent' });
  });

  it('lets the person be somebody else, where that is wished for', async () => {
    await signInAs('grace', 'small', 'default', { chooseAccount: true });
    expect(askedLast()?.params).toMatchObject({ prompt: 'select_account consent' });
    expect(askedLast()?.params).not.toHaveProperty('login_hint');
    await expect.poll(() => accountOf('small', 'default')?.label).toBe('grace@example.com');
    await using client = await openClient('SDK 2.x, any era', overHttp('small'));
    expect((await client.call('whoami')).text).toBe('grace');
    // The refresh token: this service does not end access tokens early.
    await expect.poll(() => signInService.count({ endpoint: 'revocation', status: 200 })).toBe(1);
  });

  it('sends what the operator wants sent instead', async () => {
    await drawbridge.control.configureSignIn(
      { server: 'small' },
      { set: { parameters: { prompt: 'login', login_hint: 'operator' } } },
    );
    await addAccount('small', 'work', 'grace');
    expect(askedLast()?.params).toMatchObject({ prompt: 'login', login_hint: 'operator' });
  });
});

describe('an account that is removed', () => {
  it('is signed out first, and its tokens are nowhere any more', async () => {
    await addAccount('small', 'work', 'grace');
    const revocations = signInService.count({ endpoint: 'revocation', status: 200 });
    await drawbridge.control.removeAccount({ server: 'small', account: 'work' });
    expect(signInService.count({ endpoint: 'revocation', status: 200 })).toBe(revocations + 1);
    expect(accountOf('small', 'work')).toBeUndefined();
    await drawbridge.control.addAccount({ server: 'small' }, { account: 'work' });
    expect(accountOf('small', 'work')).toMatchObject({ state: 'needs-sign-in' });
    expect(accountOf('small', 'work')?.label).toBeUndefined();
  });

  it('takes its running sign-in with it', async () => {
    await drawbridge.control.addAccount({ server: 'small' }, { account: 'work' });
    const work = { server: 'small', account: 'work' };
    await drawbridge.control.signIn(work, { openBrowser: false });
    await drawbridge.control.signInLink(work);
    await drawbridge.control.removeAccount(work);
    await expect(drawbridge.control.signInLink(work)).rejects.toMatchObject({ code: 'not-found' });
  });

  it.each(['default', 'nobody'])('is not %s', async (account) => {
    await expect(
      drawbridge.control.removeAccount({ server: 'small', account }),
    ).rejects.toMatchObject({ code: account === 'default' ? 'account-needed' : 'not-found' });
    await using client = await openClient('SDK 2.x, any era', overHttp('small'));
    expect((await client.call('whoami')).text).toBe('ada');
  });
});
