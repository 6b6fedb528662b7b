/** What do AI clients see of programs that print noise, say nothing, crash, or do not end when they should? */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SILENCE_MS } from '../../../../broker/bridge/upstream/stdio/probing.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import { readBody } from '../../../servers/loopback-server.ts';
import { type Generation, type OfficialClient, openClient } from '../official-clients.ts';
import { startAsking } from '../open-bridge.ts';
import { isAlive, modernOnly, odd, pidsWith, type Wish } from './programs.ts';

/** What the one program takes for its start. */
const SLOW_START_MS = 5_000;

let drawbridge: InProcessBroker;
let key: string;
let count = 0;

beforeEach(async () => {
  drawbridge = await startInProcessBroker();
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' }));
});
afterEach(() => drawbridge[Symbol.asyncDispose]());

const add = async (command: Wish, secrets: Record<string, string> = {}): Promise<string> => {
  const id = `odd-${++count}`;
  await drawbridge.control.addLocalServer({ id, title: 'Odd', command, secrets });
  return id;
};
const open = (id: string, generation: Generation = 'SDK 1.x'): Promise<OfficialClient> =>
  openClient(generation, { url: `${drawbridge.baseOfDoor}/mcp/${id}`, key });
const viewOf = async (id: string) =>
  (await drawbridge.control.snapshot()).servers.find((server) => server.id === id);
const startsOf = (id: string): number =>
  drawbridge.log.filter((line) => line.includes('"program-started"') && line.includes(`"${id}"`))
    .length;

it('passes over what a program prints between its messages (T22)', async () => {
  const id = await add(odd('noise'));
  await using client = await open(id);
  expect(await client.tools()).toContain('env');
  expect((await client.call('argv')).text).toBe('[]');
});

it('hears each of several messages that a program says at once (T20)', async () => {
  const id = await add(odd('in-arrays'));
  await using client = await open(id);
  expect(await client.tools()).toContain('env');
  expect((await client.call('argv')).text).toBe('[]');
});

it('tells a program that the AI client at the HTTP door has hung up a call, and only then (T18)', async () => {
  const id = await add(odd());
  const port = Number(new URL(drawbridge.baseOfDoor).port);
  const headers: Record<string, string> = {};
  const request = (asking: number, method: string, params: object) => ({
    ...{ path: `/mcp/${id}`, headers },
    body: JSON.stringify({ jsonrpc: '2.0', id: asking, method, params }),
  });
  const answered = async (...asking: Parameters<typeof request>) => {
    const answer = await startAsking(port, key, request(...asking));
    return { headers: answer.headers, text: (await readBody(answer)).toString() };
  };
  const begun = await answered(1, 'initialize', {
    ...{ protocolVersion: '2025-06-18', capabilities: {} },
    clientInfo: { name: 'test', version: '1' },
  });
  headers['mcp-session-id'] = String(begun.headers['mcp-session-id']);
  const cancellations = async () =>
    (await answered(3, 'tools/call', { name: 'cancellations' })).text;
  expect(await cancellations()).toContain('"text":"0"');
  const waiting = await startAsking(
    port,
    key,
    request(2, 'tools/call', { name: 'wait', _meta: { progressToken: 'p' } }),
  );
  waiting.on('error', () => undefined).destroy();
  await expect.poll(cancellations, eventually).toContain('"text":"1"');
});

it('is not held up by a flood on the error output', async () => {
  const id = await add(odd('flood'));
  await using client = await open(id);
  for (let call = 0; call < 20; call += 1) expect((await client.call('argv')).text).toBe('[]');
});

it.each(['SDK 2.x, any era', 'SDK 1.x'] as const)(
  'takes silence before the handshake for the legacy era (T4): %s',
  async (generation) => {
    const id = await add(odd('mute-to-strangers'));
    await using client = await open(id, generation);
    await expect.poll(() => client.tools().catch(() => []), { timeout: 25_000 }).toContain('env');
    expect((await client.call('argv')).text).toBe('[]');
  },
  40_000,
);

it.each(['SDK 2.x, any era', 'SDK 1.x'] as const)(
  'starts one again that ends at a question it does not know (T4): %s',
  async (generation) => {
    const id = await add(odd('dies-of-strangers'));
    await using client = await open(id, generation);
    expect((await client.call('argv')).text).toBe('[]');
    expect((await viewOf(id))?.accounts[0]?.state).toBe('open');
  },
);

it('takes a refusal without an id for an answer to the one question there is', async () => {
  const id = await add(odd('nameless-refusals'));
  const began = Date.now();
  await using client = await open(id, 'SDK 2.x, any era');
  expect((await client.call('argv')).text).toBe('[]');
  expect(Date.now() - began).toBeLessThan(SILENCE_MS);
});

it('lets nobody wait for a program that starts slowly, once it is known', async () => {
  const id = await add(odd('slow-start'));
  const isRead = () =>
    drawbridge.log.some((line) => line.includes(`"catalogue-read","key":"${id}/default"`));
  await expect.poll(isRead, { timeout: 30_000 }).toBe(true);
  for (const generation of ['SDK 2.x, any era', 'SDK 1.x'] as const) {
    const began = Date.now();
    await using client = await open(id, generation);
    expect(await client.tools()).toContain('env');
    expect(Date.now() - began).toBeLessThan(SLOW_START_MS);
    expect((await client.call('argv')).text).toBe('[]');
  }
}, 60_000);

it('answers at once when a program crashes in the middle of a call, and starts it anew for the next', async () => {
  const id = await add(odd());
  await using client = await open(id);
  await using other = await open(id);
  const [first] = [(await client.call('pid')).text];
  const spared = (await other.call('pid')).text;
  const { text, isError } = await client.call('crash');
  expect(isError).toBe(true);
  expect(text).toContain('the program of Odd ended (exit code 3): Error: out of paper');
  const second = (await client.call('pid')).text;
  expect(second).not.toBe(first);
  expect((await other.call('pid')).text).toBe(spared);
});

it('tells all who wait for it when a shared program crashes, and starts it once for all of them', async () => {
  const id = await add({ ...odd(), processes: 'shared' });
  await using client = await open(id);
  await using other = await open(id);
  const before = (await client.call('pid')).text;
  expect((await other.call('pid')).text).toBe(before);
  const begun = Promise.withResolvers<void>();
  const hanging = other.call('wait', {}, { onprogress: () => begun.resolve() });
  await begun.promise;
  expect((await client.call('crash')).isError).toBe(true);
  expect((await hanging).text).toContain('the program of Odd ended');
  const pids = await Promise.all([client.call('pid'), other.call('pid')]);
  expect(pids[0]?.text).toBe(pids[1]?.text);
  expect(pids[0]?.text).not.toBe(before);
});

it('does not start one for ever that ends at once, and says its last words', async () => {
  const id = await add(odd('exit'));
  await using client = await open(id);
  const say = async () => (await client.call('pid')).text;
  await expect
    .poll(say, { timeout: 20_000, interval: 1_000 })
    .toContain('ended 5 times within 5 minutes');
  expect(await say()).toContain('Error: Cannot find module paper');
  const starts = startsOf(id);
  await expect(Promise.all([say(), say(), say()])).resolves.toHaveLength(3);
  expect(startsOf(id)).toBe(starts);
  expect(starts).toBeLessThanOrEqual(6);
  const account = (await viewOf(id))?.accounts[0];
  expect(account).toMatchObject({ state: 'does-not-run', problem: { code: 'program-failed' } });

  const { verdict, checks } = await drawbridge.control.examine({ server: id });
  expect(startsOf(id)).toBeGreaterThan(starts);
  expect(verdict).toBe('broken');
  expect(checks.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      'the program of Odd ended (exit code 1): Error: Cannot find module paper',
      'on its error output: Error: Cannot find module paper',
    ]),
  );
}, 40_000);

it('says which program is not there', async () => {
  const id = await add({ ...odd(), program: 'no-such-program-anywhere' });
  await using client = await open(id);
  const { text } = await client.call('pid');
  expect(text).toContain('there is no program "no-such-program-anywhere" on PATH');
  await expect
    .poll(async () => (await viewOf(id))?.accounts[0]?.state, eventually)
    .toBe('does-not-run');
});

it('ends a program that does not end by itself, with all that it has started', async () => {
  const deaf = await add(odd('ignores-sigterm', 'deaf-1'));
  const parent = await add(odd('has-children', 'parent-1'));
  const one = await open(deaf);
  const pid = Number((await one.call('pid')).text);
  const other = await open(parent);
  const child = Number((await other.call('env', { name: 'CHILD_PID' })).text);
  expect([isAlive(pid), isAlive(child)]).toEqual([true, true]);
  await drawbridge.control.removeServer({ server: deaf });
  await drawbridge.control.removeServer({ server: parent });
  await expect
    .poll(() => [isAlive(pid), isAlive(child)], { timeout: 15_000 })
    .toEqual([false, false]);
}, 30_000);

it('takes nothing over from a server that had the same id', async () => {
  const again = (command: Wish) =>
    drawbridge.control.addLocalServer({ id: 'same', title: 'Odd', command });
  await again({ ...odd(), processes: 'shared' });
  await using before = await open('same', 'SDK 2.x, any era');
  const pid = Number((await before.call('pid')).text);
  await drawbridge.control.removeServer({ server: 'same' });
  await again({ ...modernOnly, processes: 'shared' });
  for (const generation of ['SDK 2.x, any era', 'SDK 1.x'] as const) {
    await using client = await open('same', generation);
    expect(await client.tools()).toContain('add');
    expect((await client.call('add', { a: 2, b: 3 })).text).toBe('5');
  }
  await expect.poll(() => isAlive(pid), eventually).toBe(false);
});

it('ends a program with the AI client that it was for', async () => {
  const id = await add(odd('none', 'for-one-client'));
  await drawbridge.isRead(id);
  await expect.poll(() => pidsWith('for-one-client'), eventually).toEqual([]);
  const client = await openClient('SDK 1.x', {
    ...(await import('../shim-process.ts')).shimCommand(drawbridge.dataFolder, id),
  });
  const pid = Number((await client.call('pid')).text);
  expect(isAlive(pid)).toBe(true);
  await client[Symbol.asyncDispose]();
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
}, 20_000);

it('leaves none behind when Drawbridge stops', async () => {
  const own = await add(odd('ignores-sigterm', 'left-behind'));
  const shared = await add({ ...odd('none', 'left-behind'), processes: 'shared' });
  const clients = [await open(own), await open(own), await open(shared)];
  for (const client of clients) await client.call('pid');
  expect(pidsWith('left-behind').length).toBeGreaterThanOrEqual(3);
  await drawbridge.broker.stop();
  expect(pidsWith('left-behind')).toEqual([]);
}, 30_000);

it('ends one that closes its output', async () => {
  const id = await add(odd('ends-its-output', 'says-no-more'));
  await using client = await open(id);
  expect((await client.call('pid')).text).toContain('Odd');
  await expect.poll(() => pidsWith('says-no-more'), { timeout: 15_000 }).toEqual([]);
}, 20_000);

it('passes a large answer on, and one that has to wait for its reader', async () => {
  const id = await add(odd());
  await using client = await open(id);
  const size = 20 * 1024 * 1024;
  expect((await client.call('large', { size })).text.length).toBe(size);
});

it('cancels at the program what an AI client gives up', async () => {
  for (const processes of ['own', 'shared'] as const) {
    const id = await add({ ...odd(), processes });
    for (const generation of ['SDK 2.x, any era', 'SDK 1.x'] as const) {
      await using client = await open(id, generation);
      const before = Number((await client.call('cancellations')).text);
      const stop = new AbortController();
      const hanging = client.call(
        'wait',
        {},
        { signal: stop.signal, onprogress: () => stop.abort() },
      );
      await expect(hanging).rejects.toThrow();
      await expect
        .poll(async () => Number((await client.call('cancellations')).text), eventually)
        .toBe(before + 1);
    }
  }
});

it('asks the one AI client that is meant, and nobody where it cannot be told which', async () => {
  const id = await add({ ...odd(), processes: 'shared' });
  await using client = await open(id);
  await using other = await open(id);
  expect((await client.call('ask')).text).toContain('"action":"accept"');
  expect([client.asked, other.asked]).toEqual([['Go on?'], []]);
  const stop = new AbortController();
  const hanging = other.call('wait', {}, { signal: stop.signal }).catch(() => undefined);
  expect((await client.call('ask')).text).toContain('several AI clients share this program');
  stop.abort();
  await hanging;
  expect([client.asked, other.asked]).toEqual([['Go on?'], []]);
});

it('is given its secrets, and nobody else is', async () => {
  const canary = 'fake-secret-of-a-program-4711';
  const plain = { GREETING: 'good morning' };
  const id = await add({ ...odd('none', 'given'), env: plain }, { PROGRAM_SECRET: canary });
  await drawbridge.isRead(id);
  await using client = await open(id);
  const read = async (name: string) => (await client.call('env', { name })).text;
  expect(await read('PROGRAM_SECRET')).toBe(canary);
  expect(await read('GREETING')).toBe('good morning');
  expect(await read('DRAWBRIDGE_DATA_DIR')).toBe('unset');
  expect((await client.call('argv')).text).toBe('["given"]');
  const crash = await client.call('crash');
  expect(crash.text).toContain('Error: out of paper, [secret]');
  const report = await drawbridge.control.examine({ server: id });
  const told = JSON.stringify([await drawbridge.control.snapshot(), report, crash, drawbridge.log]);
  expect(told).not.toContain(canary);
  const files = ['settings.json', 'activity.jsonl', `catalogue/${id}.default.json`];
  for (const name of files) {
    const content = await import('node:fs').then(({ existsSync }) =>
      existsSync(`${drawbridge.dataFolder}/${name}`)
        ? readFileSync(`${drawbridge.dataFolder}/${name}`, 'utf8')
        : '',
    );
    expect(content).not.toContain(canary);
  }
});

it('does not start without its secrets once they are wiped, until they are given again', async () => {
  const id = await add(odd('none', 'wiped'), { PROGRAM_SECRET: 'fake-secret-to-be-wiped' });
  await using client = await open(id);
  const pid = Number((await client.call('pid')).text);
  await drawbridge.control.wipe({});
  expect(isAlive(pid)).toBe(false);
  await using later = await open(id).catch(async () => {
    ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' }));
    return open(id);
  });
  expect((await later.call('pid')).text).toContain('has no value for PROGRAM_SECRET');
  expect((await viewOf(id))?.accounts[0]).toMatchObject({
    state: 'does-not-run',
    problem: { code: 'secret-missing' },
  });
  await drawbridge.control.setLocalSecrets(
    { server: id },
    { secrets: { PROGRAM_SECRET: 'fake-secret-given-again' } },
  );
  await expect
    .poll(async () => (await later.call('env', { name: 'PROGRAM_SECRET' })).text, eventually)
    .toBe('fake-secret-given-again');
});
