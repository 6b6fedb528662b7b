/** Does what was removed come back as it was: the sign-in alive, the secret in the vault, the key opening the door? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RemovalView, RemovalWish } from '../../../shared/contract/removals.ts';
import { signInExceptions } from '../../../shared/contract/sign-in-settings.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import {
  type AuthorizationServer,
  startAuthorizationServer,
} from '../../servers/authorization-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { bothEras } from '../bridge/local/programs.ts';

let service: AuthorizationServer;
let guarded: McpTestServer;
let open: McpTestServer;
let drawbridge: InProcessBroker;

beforeAll(async () => {
  service = await startAuthorizationServer();
  guarded = await startMcpServer({ authorizationServer: service });
  open = await startMcpServer();
  drawbridge = await startInProcessBroker();
});
afterAll(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await open.close();
  await guarded.close();
  await service.close();
});

const key = { server: 'guarded', account: 'default' };
const shown = async (): Promise<readonly RemovalView[]> =>
  (await drawbridge.control.snapshot()).removals ?? [];
const remove = async (wish: RemovalWish): Promise<{ id: string; name: string | undefined }> => {
  const { id } = await drawbridge.control.remove(wish);
  return { id, name: (await shown()).find((one) => one.id === id)?.name };
};
const revocations = (): number => service.count({ endpoint: 'revocation' });

describe('a sign-in', () => {
  it('is gone at once, and alive again when it is put back: nobody has asked the server anything', async () => {
    await using signedIn = await signedInTo('guarded');
    const { token } = await drawbridge.control.token(key);
    const before = revocations();

    const { id, name } = await remove({ what: 'sign-in', ...key });
    expect([name, drawbridge.stateOf('guarded')]).toEqual([signedIn.title, 'needs-sign-in']);
    await expect(drawbridge.control.token(key)).rejects.toMatchObject({ code: 'needs-sign-in' });
    expect(await signedIn.isCalled()).toBe(false);

    await drawbridge.control.undo({ id });
    expect(drawbridge.stateOf('guarded')).toBe('signed-in');
    expect((await drawbridge.control.token(key)).token).toBe(token);
    expect(await signedIn.isCalled()).toBe(true);
    expect([revocations(), await shown()]).toEqual([before, []]);
  });

  it('ends at its server as well once nobody wants it back', async () => {
    await using _signedIn = await signedInTo('guarded');
    const before = revocations();
    const { id } = await remove({ what: 'sign-in', ...key });
    expect(revocations()).toBe(before);
    await drawbridge.control.settleRemoval({ id });
    expect(revocations()).toBe(before + 2);
    expect(await shown()).toEqual([]);
    await expect(drawbridge.control.undo({ id })).rejects.toMatchObject({ code: 'undo-too-late' });
  });

  it('that its server did not confirm to be over is told, until that has been read', async () => {
    await using _signedIn = await signedInTo('guarded');
    const { id } = await remove({ what: 'sign-in', ...key });
    service.misbehave.revocation('server-error');
    await drawbridge.control.settleRemoval({ id });
    service.misbehave.reset();
    expect(await shown()).toMatchObject([{ id, problem: { code: 'not-revoked' } }]);
    await drawbridge.control.settleRemoval({ id });
    expect(await shown()).toEqual([]);
  });

  it('does not come back over one of somebody who has signed in since', async () => {
    await using signedIn = await signedInTo('guarded');
    const { id } = await remove({ what: 'sign-in', ...key });
    await signedIn.again();
    const { token } = await drawbridge.control.token(key);
    await expect(drawbridge.control.undo({ id })).rejects.toMatchObject({ code: 'undo-too-late' });
    expect((await drawbridge.control.token(key)).token).toBe(token);
    await drawbridge.control.settleRemoval({ id });
    expect(await signedIn.isCalled()).toBe(true);
  });

  it('keeps the client that it goes by, though another account at its issuer goes for good', async () => {
    await using _first = await signedInTo('guarded');
    await drawbridge.control.addAccount({ server: 'guarded' }, { account: 'work' });
    const work = { server: 'guarded', account: 'work' };
    await drawbridge.control.signIn(work, {});
    await expect.poll(() => accountState(work), eventually).toBe('signed-in');

    const { id, name } = await remove({ what: 'sign-in', ...key });
    expect(name).toContain('(');
    await drawbridge.control.signOut(work);
    await drawbridge.control.undo({ id });
    await drawbridge.control.renew(key);
    expect(drawbridge.stateOf('guarded')).toBe('signed-in');
  });
});

describe('a server', () => {
  it('comes back in its place, signed in, with its secrets and what was asked of it', async () => {
    await using signedIn = await signedInTo('guarded');
    await drawbridge.control.configureSignIn(
      { server: 'guarded' },
      { set: { parameters: { audience: 'a' } }, unset: [] },
    );
    await drawbridge.control.addServer({ id: 'last', url: open.url });
    await signedIn.again();
    expect(await signedIn.isCalled()).toBe(true);
    const before = drawbridge.broker.snapshot().servers;
    const asked = (await drawbridge.control.activity({ server: 'guarded' })).total.calls;
    expect(asked).toBeGreaterThan(0);

    const { id, name } = await remove({ what: 'server', server: 'guarded' });
    expect(name).toBe(before[0]?.title);
    expect(drawbridge.broker.snapshot().servers.map((one) => one.id)).toEqual(['last']);
    await drawbridge.control.undo({ id });

    const after = drawbridge.broker.snapshot().servers;
    expect(after.map((one) => [one.id, one.accounts[0]?.state, one.signIn])).toEqual(
      before.map((one) => [one.id, one.accounts[0]?.state, one.signIn]),
    );
    expect(await signedIn.isCalled()).toBe(true);
    expect((await drawbridge.control.activity({ server: 'guarded' })).total.calls).toBe(asked + 1);
    await drawbridge.control.removeServer({ server: 'last' });
  });

  it('does not take the place of another that has been given its id since, and ends', async () => {
    await using _signedIn = await signedInTo('guarded');
    const before = revocations();
    const { id } = await remove({ what: 'server', server: 'guarded' });
    await drawbridge.control.addServer({ id: 'guarded', url: open.url });
    await expect(drawbridge.control.undo({ id })).rejects.toMatchObject({ code: 'server-exists' });
    expect(drawbridge.broker.snapshot().servers.map(({ url }) => url)).toEqual([open.url]);
    await drawbridge.control.settleRemoval({ id });
    expect(revocations()).toBe(before + 2);
  });

  it('that is run here comes back with what the vault held for it', async () => {
    await drawbridge.control.addLocalServer({
      ...{ id: 'notes', title: 'Notes', command: bothEras, secrets: { TOKEN: 'canary-of-notes' } },
    });
    const facts = () =>
      drawbridge.control.accountFacts({ server: 'notes', account: 'default' }, {});
    const before = await facts();
    const { id } = await remove({ what: 'server', server: 'notes' });
    await drawbridge.control.undo({ id });
    expect(await facts()).toEqual(before);
    expect(JSON.stringify(before)).toContain('"isKept":true');
    await drawbridge.control.removeServer({ server: 'notes' });
  });
});

it('an account comes back between the others, signed in', async () => {
  await using _signedIn = await signedInTo('guarded');
  for (const account of ['home', 'work'])
    await drawbridge.control.addAccount({ server: 'guarded' }, { account });
  const home = { server: 'guarded', account: 'home' };
  await drawbridge.control.signIn(home, {});
  await expect.poll(() => accountState(home), eventually).toBe('signed-in');

  const { id } = await remove({ what: 'account', ...home });
  expect(accounts()).toEqual(['default', 'work']);
  await drawbridge.control.undo({ id });
  expect([accounts(), accountState(home)]).toEqual([['default', 'home', 'work'], 'signed-in']);
});

it('a rule comes back in its place, and narrows again', async () => {
  const add = (aiClient: string) =>
    drawbridge.control.addRule({ aiClient, deny: ['delete_*'] }).then(({ rule }) => rule.id);
  const ids = [await add('one'), await add('two'), await add('three')];
  const { id, name } = await remove({ what: 'rule', id: ids[1] ?? '' });
  expect(name).toBe('two at every server');
  await drawbridge.control.undo({ id });
  expect(drawbridge.broker.snapshot().rules?.map((rule) => rule.id)).toEqual(ids);
  for (const rule of ids) await drawbridge.control.removeRule({ id: rule });
});

it('a key opens the door again, and none is told on the way', async () => {
  const made = await drawbridge.control.makeDoorKey({ aiClient: 'nightly report' });
  const knock = async () =>
    (
      await fetch(`${drawbridge.baseOfDoor}/mcp`, {
        headers: { authorization: `Bearer ${made.key}`, accept: 'text/event-stream' },
      })
    ).status;
  const opened = await knock();
  const { id, name } = await remove({ what: 'key', id: made.id });
  expect([name, await knock()]).toEqual(['nightly report', 403]);
  await drawbridge.control.undo({ id });
  expect(await knock()).toBe(opened);
  expect(opened).not.toBe(403);
  await drawbridge.control.revokeDoorKey({ id: made.id });
});

it('a secret comes back, unless another one has its name', async () => {
  await drawbridge.control.keepSecret({ name: 'KEY', value: 'canary-secret' });
  const first = await remove({ what: 'secret', name: 'KEY' });
  expect((await drawbridge.control.secrets()).names).toEqual([]);
  await drawbridge.control.undo(first);
  expect((await drawbridge.control.secrets()).names).toEqual(['KEY']);

  const second = await remove({ what: 'secret', name: 'KEY' });
  await drawbridge.control.keepSecret({ name: 'KEY', value: 'canary-other' });
  await expect(drawbridge.control.undo(second)).rejects.toMatchObject({ code: 'undo-too-late' });
  await drawbridge.control.settleRemoval(second);
  await drawbridge.control.removeSecret({ name: 'KEY' });
  expect(JSON.stringify([drawbridge.broker.snapshot(), drawbridge.log])).not.toContain('canary');
});

it('an exception comes back beside those that are there by then, and not to another server of that id', async () => {
  const server = 'lenient';
  const exceptions = (): readonly string[] | undefined =>
    drawbridge.broker.snapshot().servers.find(({ id }) => id === server)?.signIn?.exceptions;
  const wish = { what: 'exception', server, exception: 'issuer-slash' } as const;
  await drawbridge.control.addServer({ url: open.url, id: server });
  await drawbridge.control.configureSignIn({ server }, { set: { exceptions: ['issuer-slash'] } });
  const { id, name } = await remove(wish);
  const title = drawbridge.broker.snapshot().servers.find((one) => one.id === server)?.title;
  expect([name, exceptions()]).toEqual([
    `${title}: it ${signInExceptions['issuer-slash'].breaks}`,
    undefined,
  ]);
  await drawbridge.control.configureSignIn({ server }, { set: { exceptions: ['pkce-off'] } });
  await drawbridge.control.undo({ id });
  expect(exceptions()).toEqual(['pkce-off', 'issuer-slash']);

  const other = { ...wish, exception: 'pkce-off' } as const;
  const both = await Promise.all([
    drawbridge.control.remove(wish),
    drawbridge.control.remove(other),
  ]);
  expect(exceptions()).toBeUndefined();
  await Promise.all(both.map((one) => drawbridge.control.undo(one)));
  expect(exceptions()?.toSorted()).toEqual(['issuer-slash', 'pkce-off']);

  const again = await remove(wish);
  await drawbridge.control.removeServer({ server });
  await drawbridge.control.addServer({ url: open.url, id: server });
  await expect(drawbridge.control.undo(again)).rejects.toMatchObject({ code: 'undo-too-late' });
  expect(exceptions()).toBeUndefined();
  await drawbridge.control.settleRemoval(again);
  await expect(remove(wish)).rejects.toMatchObject({ code: 'not-found' });
  await expect(remove({ what: 'certificate', server })).rejects.toMatchObject({
    code: 'not-found',
  });
  await drawbridge.control.removeServer({ server });
});

it('what is not there is not removed, and nothing is offered', async () => {
  const wishes: RemovalWish[] = [
    { what: 'server', server: 'nowhere' },
    { what: 'sign-in', server: 'nowhere', account: 'default' },
    { what: 'account', server: 'nowhere', account: 'default' },
    { what: 'rule', id: '0123456789' },
    { what: 'key', id: '0123456789' },
    { what: 'secret', name: 'NOWHERE' },
    { what: 'exception', server: 'nowhere', exception: 'pkce-off' },
    { what: 'certificate', server: 'nowhere' },
  ];
  for (const wish of wishes)
    await expect(drawbridge.control.remove(wish)).rejects.toMatchObject({ code: 'not-found' });
  expect(await shown()).toEqual([]);
});

it('a broker that ends does what it still can: the server is told', async () => {
  await using other = await startInProcessBroker();
  await other.signInTo('guarded', guarded.url);
  const before = revocations();
  await other.control.remove({ what: 'sign-in', ...key });
  await other.broker.stop();
  expect(revocations()).toBe(before + 2);
});

it('wiping everything leaves nothing to put back', async () => {
  await using other = await startInProcessBroker();
  await other.signInTo('guarded', guarded.url);
  await other.control.remove({ what: 'server', server: 'guarded' });
  await other.control.wipe({});
  expect(other.broker.snapshot().removals).toBeUndefined();
});

const accounts = (): readonly string[] | undefined =>
  drawbridge.broker.snapshot().servers[0]?.accounts.map(({ id }) => id);
const accountState = ({ server, account }: typeof key) =>
  drawbridge.broker
    .snapshot()
    .servers.find(({ id }) => id === server)
    ?.accounts.find(({ id }) => id === account)?.state;

/** Signed in to the guarded server, which goes when the test is over, with all that has come to be there instead. */
const signedInTo = async (id: string) => {
  await drawbridge.signInTo(id, guarded.url);
  await drawbridge.isRead(id);
  return {
    title: drawbridge.broker.snapshot().servers.find((one) => one.id === id)?.title,
    isCalled: () =>
      drawbridge.control.callTool({ server: id, account: 'default' }, { name: 'whoami' }).then(
        ({ isError }) => !isError,
        () => false,
      ),
    again: async () => {
      await drawbridge.control.signIn({ server: id, account: 'default' }, {});
      await expect.poll(() => drawbridge.stateOf(id), eventually).toBe('signed-in');
    },
    [Symbol.asyncDispose]: async () => {
      for (const removal of await shown()) await drawbridge.control.settleRemoval(removal);
      for (const server of drawbridge.broker.snapshot().servers)
        await drawbridge.control.removeServer({ server: server.id });
    },
  };
};
