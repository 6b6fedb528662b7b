/** Do the official clients of both generations work with programs of every era, through both doors, each with its own or all with one? */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AddLocalServer } from '../../../../shared/contract/local-server.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../../doubles/in-process-broker.ts';
import { type Generation, generations, openClient, type Way } from '../official-clients.ts';
import { shimCommand } from '../shim-process.ts';
import { bothEras, everything, modernOnly, type Wish } from './programs.ts';

let drawbridge: InProcessBroker;
let key: string;

const wishes: Readonly<Record<string, Wish>> = { everything, both: bothEras, modern: modernOnly };
const kinds: readonly AddLocalServer['command']['processes'][] = ['own', 'shared'];

beforeAll(async () => {
  drawbridge = await startInProcessBroker();
  ({ key } = await drawbridge.control.makeDoorKey({ aiClient: 'test' }));
  for (const processes of kinds) {
    for (const [name, command] of Object.entries(wishes)) {
      const id = `${name}-${processes}`;
      await drawbridge.control.addLocalServer({
        id,
        title: id,
        command: { ...command, processes },
      });
      await drawbridge.isRead(id);
    }
  }
}, 60_000);
afterAll(() => drawbridge[Symbol.asyncDispose]());

const doors: Readonly<Record<string, (server: string) => Way>> = {
  'the HTTP door': (server) => ({ url: `${drawbridge.baseOfDoor}/mcp/${server}`, key }),
  'the shim': (server) => shimCommand(drawbridge.dataFolder, server),
};

const combinations = Object.keys(doors).flatMap((door) =>
  generations.flatMap((generation) =>
    kinds.map((processes): [Generation, string, string] => [generation, door, processes]),
  ),
);

describe.each(combinations)('%s through %s, %s processes', (generation, door, processes) => {
  const open = (server: string) =>
    openClient(generation, doors[door]?.(`${server}-${processes}`) ?? { url: '', key: '' });

  it.each(['both', 'modern'])(
    'lists, calls, reads and asks a program of %s eras (T1, T4)',
    async (name) => {
      await using client = await open(name);
      expect({
        tools: await client.tools(),
        sum: await client.call('add', { a: 2, b: 3 }),
        failure: await client.call('fail'),
        resources: await client.resources(),
        greeting: await client.read('test://greeting'),
        prompts: await client.prompts(),
        prompt: await client.prompt('summarise', { topic: 'bridges' }),
        asked: await client.call('ask'),
      }).toEqual({
        tools: expect.arrayContaining(['add', 'echo', 'slow']),
        sum: { text: '5', isError: false },
        failure: { text: 'this tool always fails', isError: true },
        resources: ['test://greeting'],
        greeting: 'Hello',
        prompts: ['summarise'],
        prompt: 'Summarise bridges',
        asked: { text: 'confirmed', isError: false },
      });
      expect(client.asked).toEqual(['Go on?']);
    },
  );

  it('tells of progress, and cancels', async () => {
    await using client = await open('both');
    const seen: number[] = [];
    const onprogress = ({ progress }: { progress: number }) => void seen.push(progress);
    const done = await client.call('slow', { steps: 3, stepMs: 200 }, { onprogress });
    expect(done.text).toBe('done in 3 steps');
    // The SDKs drop steps that arrive in one piece with the result, as the last one often does.
    expect(seen.slice(0, 2)).toEqual([1, 2]);
    const stop = new AbortController();
    const slow = client.call(
      'slow',
      { steps: 100, stepMs: 100 },
      { signal: stop.signal, onprogress: () => stop.abort() },
    );
    await expect(slow).rejects.toThrow();
    expect((await client.call('echo', { message: 'still here' })).text).toBe('still here');
  });

  it('uses the official everything server', async () => {
    await using client = await open('everything');
    const tools = await client.tools();
    expect(tools).toEqual(expect.arrayContaining(['echo', 'get-sum']));
    expect(await client.call('echo', { message: 'over stdio' })).toEqual({
      text: 'Echo: over stdio',
      isError: false,
    });
    expect(await client.resources()).not.toEqual([]);
    expect(await client.prompts()).not.toEqual([]);
    await expect.poll(client.tools, eventually).toContain('trigger-elicitation-request');
    const { text } = await client.call('trigger-elicitation-request');
    expect([text, client.asked.length]).toEqual([expect.stringContaining('Name: Ada'), 1]);
  });
});
