/** Does the broker outlive what is posted to streams of HTTP+SSE, and owe nobody an answer? */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { peek } from '../../broker/bridge/peek.ts';
import { OLD_HEADERS } from '../broker/bridge/old-stream.ts';
import { startAsking } from '../broker/bridge/open-bridge.ts';
import { eventually } from '../doubles/eventually.ts';
import { countResources, forgottenSince, type Resources } from '../doubles/resources.ts';
import { type FuzzedBroker, servers, startFuzzedBroker } from './fuzzed-broker.ts';
import { diceFor, report, seed } from './seed.ts';
import { owedFor, parsed, strangeMessage } from './strange-messages.ts';

const STREAMS = 80;
const MESSAGES_A_STREAM = 50;
/** So many streams at a time. */
const LANES = 16;
const BOUND_MS = 30_000;

let world: FuzzedBroker;
let before: Resources;
beforeAll(async () => {
  before = countResources();
  world = await startFuzzedBroker();
}, 60_000);
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  expect(await forgottenSince(before)).toEqual([]);
});

/** A stream past its first event. It says no to whatever the server asks. */
const openStream = async (server: string) => {
  const answer = await startAsking(world.port, world.doorKey, {
    ...{ method: 'GET', path: `/mcp/${server}`, headers: OLD_HEADERS },
  });
  const said: string[] = [];
  /** How many answers came under an id. */
  const ids = new Map<unknown, number>();
  let [rest, path, closed] = ['', '', false];
  const post = async (body: string | Buffer): Promise<{ status: number; text: string }> => {
    const posted = await startAsking(world.port, world.doorKey, { path, body });
    const chunks: Buffer[] = await posted.toArray();
    return { status: posted.statusCode ?? 0, text: Buffer.concat(chunks).toString() };
  };
  const heard = (json: string): void => {
    const seen = peek(json);
    if (seen?.method !== undefined && seen.id !== undefined) {
      const error = { code: -32_601, message: 'no' };
      void post(JSON.stringify({ jsonrpc: '2.0', id: seen.id, error })).catch(() => undefined);
    } else if (seen !== undefined && seen.method === undefined) {
      // Ids may be longer than peek looks at.
      const value = parsed(json)?.value;
      const id = value === undefined ? seen.id : (value as { id?: unknown }).id;
      ids.set(id, (ids.get(id) ?? 0) + 1);
    }
  };
  answer.on('error', () => undefined);
  answer.on('close', () => (closed = true));
  answer.setEncoding('utf8');
  answer.on('data', (chunk: string) => {
    said.push(chunk);
    const events = (rest + chunk).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const [, name, data = ''] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? [];
      if (name === 'endpoint') path = data;
      else if (name === 'message') heard(data);
    }
  });
  await expect.poll(() => path, eventually).not.toBe('');
  return { ids, post, said, closed: () => closed, close: () => void answer.destroy() };
};

const handshake = (id: string): string =>
  JSON.stringify({
    ...{ jsonrpc: '2.0', id, method: 'initialize' },
    params: {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 'fuzz', version: '1' },
    },
  });

it(`${STREAMS * MESSAGES_A_STREAM} strange messages: each is taken or refused, and answered as it must be`, {
  timeout: 240_000,
}, async () => {
  let [taken, refused, answered, next] = [0, 0, 0, 0];

  const tryStream = async (number: number): Promise<void> => {
    const dice = diceFor('old streams', number);
    const server = servers[number % servers.length] ?? 'both';
    const what = `FUZZ_SEED=${seed}, stream ${number} to ${server}`;
    const stream = await openStream(server);
    const inTime = { timeout: BOUND_MS, interval: 20, message: what };
    if (dice.chance(0.7)) {
      await stream.post(handshake(`begin ${number}`));
      await expect.poll(() => stream.ids.get(`begin ${number}`) ?? 0, inTime).toBeGreaterThan(0);
      await stream.post('{"jsonrpc":"2.0","method":"notifications/initialized"}');
    }
    const owed = new Map<unknown, number>();
    const ambiguous = new Set<unknown>();
    for (let count = 0; count < MESSAGES_A_STREAM; count += 1) {
      const body = strangeMessage(dice, `s-${number}-${count}`);
      const debt = owedFor(body.toString('utf8'));
      const { status, text } = await stream.post(body);
      const says = typeof debt === 'number' ? `"code":${debt}` : '';
      expect({ what, status, says: text.includes(says) && says }).toEqual({
        ...{ what, status: typeof debt === 'number' ? 400 : 202, says },
      });
      if (typeof debt === 'number') refused += 1;
      else taken += 1;
      if (typeof debt !== 'object') continue;
      if (debt.may) ambiguous.add(debt.id);
      else owed.set(debt.id, (owed.get(debt.id) ?? 0) + 1);
    }
    // Whatever else went on: who asks properly is answered.
    await stream.post(`{"jsonrpc":"2.0","id":"end ${number}","method":"ping"}`);
    owed.set(`end ${number}`, 1);
    // Two questions under one id are no server's to tell apart.
    const due = [...owed].filter(([, count]) => count === 1).map(([id]) => id);
    const missing = (): unknown[] => due.filter((id) => !stream.ids.has(id));
    await expect.poll(missing, inTime).toEqual([]);
    const tooMany = due.filter((id) => !ambiguous.has(id) && (stream.ids.get(id) ?? 0) > 1);
    // A hostile server may answer as often as it likes.
    expect({ what, tooMany: server === 'hostile' ? [] : tooMany }).toEqual({ what, tooMany: [] });
    expect({ what, closed: stream.closed() }).toEqual({ what, closed: false });
    expect(world.secretsIn(stream.said.join(''))).toEqual([]);
    stream.close();
    answered += due.length;
  };
  const lane = async (): Promise<void> => {
    while (next < STREAMS) {
      next += 1;
      await tryStream(next - 1);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  report(
    `fuzz of streams of HTTP+SSE: ${taken} messages taken, ${refused} refused, ${answered} answered`,
  );
  expect(world.uncaught).toEqual([]);
  const log = world.drawbridge.log.join('\n');
  expect(world.secretsIn(log)).toEqual([]);
});
