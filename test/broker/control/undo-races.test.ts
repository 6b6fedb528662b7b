/** Does what was removed come back whole, or end for good, whatever else happens meanwhile? */
import { chmod, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type RestartableBroker,
  startRestartableBroker,
} from '../../doubles/restartable-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { signInLikeABrowser } from '../demo/stage.ts';

let service: AuthorizationServer;
let guarded: McpTestServer;

beforeAll(async () => {
  service = await startAuthorizationServer();
  guarded = await startMcpServer({ authorizationServer: service });
});
afterEach(() => service.misbehave.reset());
afterAll(async () => {
  await guarded.close();
  await service.close();
});

const key = { server: 'guarded', account: 'default' };
const work = { server: 'guarded', account: 'work' };

const revocations = (): number => service.count({ endpoint: 'revocation' });

/** Held until it is let go, and known to have been reached. */
const gate = () => {
  const go = Promise.withResolvers<void>();
  const at = Promise.withResolvers<void>();
  return {
    go: go.resolve,
    reached: at.promise,
    until: async () => {
      at.resolve();
      await go.promise;
    },
  };
};

const code = (doing: Promise<unknown>): Promise<string> =>
  doing.then(
    () => 'done',
    (error: { readonly code: string }) => error.code,
  );

const open = async (): Promise<InProcessBroker> => {
  const drawbridge = await startInProcessBroker();
  await drawbridge.signInTo('guarded', guarded.url);
  return drawbridge;
};

const states = ({ broker }: InProcessBroker) =>
  broker.snapshot().servers[0]?.accounts.map(({ id, state }) => `${id} ${state}`);

const isCalled = ({ control }: InProcessBroker) =>
  control.callTool(key, { name: 'whoami' }).then(
    ({ isError }) => !isError,
    () => false,
  );

const withSecondAccount = async (): Promise<InProcessBroker> => {
  const drawbridge = await open();
  await drawbridge.control.addAccount({ server: 'guarded' }, { account: 'work' });
  await drawbridge.control.signIn(work, {});
  await expect
    .poll(() => states(drawbridge), eventually)
    .toEqual(['default signed-in', 'work signed-in']);
  return drawbridge;
};

describe('a wipe', () => {
  it('takes along what is removed while it waits for a server', async () => {
    await using drawbridge = await open();
    const { control } = drawbridge;
    await control.keepSecret({ name: 'KEY', value: 'canary-secret' });
    const made = await control.makeDoorKey({ aiClient: 'nightly report' });
    await control.remove({ what: 'sign-in', ...key });
    const held = gate();
    service.misbehave.revocation('held', { until: held.until, times: 1 });
    const wiped = control.wipe({});
    await held.reached;
    const secret = await control.remove({ what: 'secret', name: 'KEY' });
    const doorKey = await control.remove({ what: 'key', id: made.id });
    held.go();
    await wiped;

    expect([await code(control.undo(secret)), await code(control.undo(doorKey))]).toEqual([
      'undo-too-late',
      'undo-too-late',
    ]);
    expect([(await control.secrets()).names, (await control.doorKeys()).keys]).toEqual([[], []]);
  });

  it('is not followed by what was on its way back, and waited for its turn', async () => {
    await using drawbridge = await open();
    const { control } = drawbridge;
    const before = revocations();
    const removed = await control.remove({ what: 'sign-in', ...key });
    // Something else is done to the server, and takes its time.
    const slow = code(
      control.configureSource(
        { server: 'guarded' },
        {
          source: {
            kind: 'command',
            command: [process.execPath, '-e', 'setTimeout(() => process.exit(1), 2000)'],
          },
        },
      ),
    );
    const undone = code(control.undo(removed));
    await control.wipe({});

    expect(await undone).toBe('undo-too-late');
    await slow;
    expect(states(drawbridge)).toEqual(['default needs-sign-in']);
    await expect.poll(revocations, eventually).toBe(before + 2);
  });
});

it('a removal in the middle of a renewal comes back with what the renewal brought', async () => {
  await using drawbridge = await open();
  const { control } = drawbridge;
  const held = gate();
  service.misbehave.token('answer-held', {
    until: held.until,
    times: 1,
    grantType: 'refresh_token',
  });
  const renewing = code(control.renew(key));
  await held.reached;
  const removed = await control.remove({ what: 'sign-in', ...key });
  const undone = code(control.undo(removed));
  held.go();
  await renewing;

  expect(await undone).toBe('done');
  expect(await isCalled(drawbridge)).toBe(true);
  expect(await code(control.renew(key))).toBe('done');
});

describe('an account', () => {
  it('that cannot be taken off the record stays, signed in', async () => {
    await using drawbridge = await withSecondAccount();
    const before = revocations();
    const file = path.join(drawbridge.dataFolder, 'settings.json');
    await chmod(file, 0o400);
    const outcome = await code(drawbridge.control.remove({ what: 'account', ...work }));
    await chmod(file, 0o600);

    expect([outcome, revocations()]).toEqual(['cannot-save', before]);
    expect(states(drawbridge)).toEqual(['default signed-in', 'work signed-in']);
    expect(await code(drawbridge.control.renew(work))).toBe('done');
  });

  it('that becomes the default one meanwhile stays, or was gone first: it is never half gone', async () => {
    await using drawbridge = await withSecondAccount();
    const { control } = drawbridge;
    const outcomes = await Promise.all([
      code(control.remove({ what: 'account', ...work })),
      code(control.makeDefaultAccount(work)),
    ]);
    // Whichever of them came first.
    expect([
      { outcomes: ['done', 'not-found'], left: ['default signed-in'] },
      { outcomes: ['account-needed', 'done'], left: ['default signed-in', 'work signed-in'] },
    ]).toContainEqual({ outcomes, left: states(drawbridge) });
  });
});

describe('a sign-in', () => {
  it('removed twice comes back once, and is on record as signed in', async () => {
    await using drawbridge = await open();
    const { control } = drawbridge;
    const both = await Promise.all([
      control.remove({ what: 'sign-in', ...key }),
      control.remove({ what: 'sign-in', ...key }),
    ]);
    for (const one of both) await control.undo(one);
    expect(states(drawbridge)).toEqual(['default signed-in']);
    expect(drawbridge.broker.snapshot().removals).toBeUndefined();
    const settings = await readFile(path.join(drawbridge.dataFolder, 'settings.json'), 'utf8');
    expect(JSON.parse(settings)).toMatchObject({ servers: [{ signedOut: [] }] });
  });

  it('does not come back to a server that takes a credential by now', async () => {
    await using drawbridge = await open();
    const { control } = drawbridge;
    const { token } = await control.token(key);
    await control.keepSecret({ name: 'T', value: token });
    const removed = await control.remove({ what: 'sign-in', ...key });
    await control.configureSource(
      { server: 'guarded' },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: how a secret is named.
      { source: { kind: 'headers', headers: { authorization: 'Bearer ${vault:T}' } } },
    );
    expect(await code(control.undo(removed))).toBe('undo-too-late');
    await control.settleRemoval(removed);
    expect(states(drawbridge)).toEqual(['default signed-in']);
  });

  it('ends at its server before the next one begins, which some servers would end with it', async () => {
    await using drawbridge = await open();
    const { control } = drawbridge;
    const from = service.seen.length;
    const removed = await control.remove({ what: 'sign-in', ...key });
    await control.signIn(key, {});
    await expect.poll(() => states(drawbridge), eventually).toEqual(['default signed-in']);
    await control.settleRemoval(removed);

    const order = service.seen
      .slice(from)
      .map(({ endpoint }) => endpoint)
      .filter((endpoint) => endpoint === 'token' || endpoint === 'revocation');
    expect(order).toEqual(['revocation', 'revocation', 'token']);
    expect(await code(control.undo(removed))).toBe('undo-too-late');
    expect(await isCalled(drawbridge)).toBe(true);
  });

  it('keeps its client though another account of it signs out at the same time', async () => {
    await using drawbridge = await withSecondAccount();
    const { control } = drawbridge;
    const [, removed] = await Promise.all([
      control.signOut(key),
      control.remove({ what: 'sign-in', ...work }),
    ]);
    await control.undo(removed);
    expect(await code(control.renew(work))).toBe('done');
  });
});

describe('the demo', () => {
  const demo = { server: 'demo', account: 'default' };
  const withDemo = async (): Promise<RestartableBroker> => {
    const drawbridge = await startRestartableBroker({ browser: signInLikeABrowser });
    await drawbridge.control.addDemo({});
    await drawbridge.control.signIn(demo, {});
    await drawbridge.reaches('demo', 'signed-in');
    return drawbridge;
  };

  it('comes back served, and is still the demo', async () => {
    await using drawbridge = await withDemo();
    const { control } = drawbridge;
    const removed = await control.remove({ what: 'server', server: 'demo' });
    await control.undo(removed);
    await expect
      .poll(() => code(control.callTool(demo, { name: 'who_am_i' })), eventually)
      .toBe('done');
    expect((await control.addDemo({})).server.id).toBe('demo');
  });

  it('that goes for good leaves nothing for the person to end', async () => {
    await using drawbridge = await withDemo();
    const removed = await drawbridge.control.remove({ what: 'server', server: 'demo' });
    await drawbridge.control.settleRemoval(removed);
    expect((await drawbridge.control.snapshot()).removals).toBeUndefined();
  });
});
