/** Does the broker outlive whatever is said at its doors and behind them, and owe nobody an answer? */
import { createConnection } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { peek } from '../../broker/bridge/peek.ts';
import { ALL_SERVERS } from '../../shared/contract/ids.ts';
import { startAsking } from '../broker/bridge/open-bridge.ts';
import { eventually } from '../doubles/eventually.ts';
import { mutate } from '../doubles/mutations.ts';
import { countResources, forgottenSince, type Resources } from '../doubles/resources.ts';
import { type FuzzedBroker, servers, startFuzzedBroker } from './fuzzed-broker.ts';
import { diceFor, report, seed } from './seed.ts';
import { linesOf, owedFor, parsed, strangeMessage } from './strange-messages.ts';
import { type Door, type StrangeRequest, strangeRequest, tooLarge } from './strange-requests.ts';

const FRAMES = 10_000;
/** Besides, with all servers as one. */
const COMBINED_FRAMES = 2_000;
const FRAMES_A_SESSION = 50;
const HELLOS = 1_000;
const REQUESTS = 10_000;
/** So many at a time. */
const LANES = 24;
/** Whoever waits longer than this waits for ever, ms: a stream of a hostile server is taken up again five times. */
const BOUND_MS = 30_000;
/** A peer that hears nothing for so long says no more. */
const PATIENCE_MS = 300;

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

const inTime = (what: string) => ({
  timeout: BOUND_MS,
  interval: 20,
  message: `FUZZ_SEED=${seed}, ${what}`,
});

const inLanes = async (count: number, deed: (number: number) => Promise<void>): Promise<void> => {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await deed(next - 1);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
};

/** A hostile server is behind these, and may answer as often as it likes. */
const mayRepeat: ReadonlySet<string> = new Set(['hostile', ALL_SERVERS]);

/** Everything is as it was before anybody said anything odd. */
const worksAsBefore = async (): Promise<void> => {
  expect(world.uncaught).toEqual([]);
  expect(Object.keys(Object.prototype)).toEqual([]);
  for (const server of servers.filter((name) => name !== 'hostile')) {
    const line = await openShim(server);
    line.write(Buffer.from(`${initialize('the last')}\n${initialized}\n`));
    await expect.poll(() => line.ids.get('the last'), eventually).toBe(1);
    line.write(Buffer.from(`${call('the very last')}\n`));
    await expect
      .poll(() => line.lines.filter((text) => text.includes('the very last')), eventually)
      .toEqual([expect.stringMatching(/"text":"(Echo: )?still here"/)]);
    line.close();
  }
  const log = world.drawbridge.log.join('\n');
  expect(world.secretsIn(log)).toEqual([]);
};

const initialize = (id: string): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'fuzz', version: '1' },
    },
  });
const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
const call = (id: string): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name: 'echo', arguments: { message: 'still here' } },
  });

/** Ids may be longer than peek looks at; what a hostile server sends may be no JSON inside. */
const idIn = (line: string): unknown => {
  const value = parsed(line)?.value;
  return value === undefined ? peek(line)?.id : (value as { id?: unknown }).id;
};

/** A shim's connection, past its hello. It says no to whatever the server asks. */
const openShim = async (server: string) => {
  const { socket: path, key } = world.socket;
  const socket = createConnection(path);
  socket.on('error', () => undefined);
  const lines: string[] = [];
  /** How many answers came under an id, and how many errors for nobody. */
  const ids = new Map<unknown, number>();
  let rest = '';
  let closed = false;
  socket.on('close', () => {
    closed = true;
  });
  socket.setEncoding('utf8');
  socket.on('data', (chunk: string) => {
    const all = (rest + chunk).split('\n');
    rest = all.pop() ?? '';
    for (const line of all) {
      lines.push(line);
      const seen = peek(line);
      if (seen?.method !== undefined && seen.id !== undefined) {
        const error = { code: -32_601, message: 'no' };
        socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: seen.id, error })}\n`);
      } else if (seen !== undefined && seen.method === undefined) {
        const nobody = /^\{"jsonrpc":"2.0","id":null,"error":\{"code":(-32\d00),/.exec(line)?.[1];
        const to = nobody === undefined ? idIn(line) : Number(nobody);
        ids.set(to, (ids.get(to) ?? 0) + 1);
      }
    }
  });
  socket.write(`${JSON.stringify({ drawbridge: 1, key, server })}\n`);
  await expect.poll(() => lines[0], eventually).toBe('{"ok":true}');
  return {
    lines,
    ids,
    closed: () => closed,
    write: (bytes: Buffer) => void socket.write(bytes),
    close: () => void socket.destroy(),
  };
};

describe('at the socket door', () => {
  it.each([
    { frames: FRAMES, with: 'each server', to: servers, draw: 'frames' },
    { frames: COMBINED_FRAMES, with: 'all as one', to: [ALL_SERVERS], draw: 'combined' },
  ])(
    '$frames strange messages with $with: each is answered as it must be',
    {
      timeout: 240_000,
    },
    async ({ frames: many, to: peers, draw }) => {
      let answered = 0;
      let nobody = 0;
      await inLanes(many / FRAMES_A_SESSION, async (number) => {
        const dice = diceFor(draw, number);
        const server = peers[number % peers.length] ?? 'both';
        const shim = await openShim(server);
        if (dice.chance(0.7)) {
          shim.write(Buffer.from(`${initialize(`begin ${number}`)}\n`));
          await expect
            .poll(
              () => shim.ids.get(`begin ${number}`) ?? 0,
              inTime(`session ${number} with ${server}`),
            )
            .toBeGreaterThan(0);
          shim.write(Buffer.from(`${initialized}\n`));
        }
        const owed = new Map<unknown, number>();
        const ambiguous = new Set<unknown>();
        const owe = (to: unknown): void => void owed.set(to, (owed.get(to) ?? 0) + 1);
        const frames: Buffer[] = [];
        for (let count = 0; count < FRAMES_A_SESSION; count += 1) {
          const prefix = server === ALL_SERVERS ? `${servers[count % servers.length]}_` : '';
          const frame = strangeMessage(dice, `f-${number}-${count}`, prefix);
          frames.push(frame);
          for (const line of linesOf(frame)) {
            const debt = owedFor(line);
            if (typeof debt === 'number') owe(debt);
            else if (debt?.may === true) ambiguous.add(debt.id);
            else if (debt !== undefined) owe(debt.id);
          }
          const cut = dice.below(frame.length + 1);
          shim.write(frame.subarray(0, cut));
          shim.write(Buffer.concat([frame.subarray(cut), Buffer.from('\n')]));
        }
        // Whatever else went on: who asks properly is answered.
        shim.write(Buffer.from(`{"jsonrpc":"2.0","id":"end ${number}","method":"ping"}\n`));
        owe(`end ${number}`);
        const isError = (to: unknown): boolean => to === -32_700 || to === -32_600;
        // Two questions under one id are no server's to tell apart.
        const due = [...owed].filter(([to, count]) => isError(to) || count === 1);
        const missing = (): unknown[] =>
          due.filter(([to, count]) => (shim.ids.get(to) ?? 0) < count).map(([to]) => to);
        await expect.poll(missing, inTime(`session ${number} with ${server}`)).toEqual([]);
        const tooMany = due.filter(
          ([to, count]) =>
            !mayRepeat.has(server) && !ambiguous.has(to) && (shim.ids.get(to) ?? 0) > count,
        );
        expect(tooMany, `FUZZ_SEED=${seed}, session ${number} with ${server}`).toEqual([]);
        expect(shim.closed()).toBe(false);
        expect(world.secretsIn(shim.lines.join('\n'))).toEqual([]);
        shim.close();
        for (const [to, count] of due) {
          if (isError(to)) nobody += count;
          else answered += count;
        }
      });
      report(
        `fuzz of the socket door: ${many} frames, ${answered} answered under their id, ` +
          `${nobody} refused as no message, ${world.hostile.answers()} hostile answers`,
      );
      await worksAsBefore();
    },
  );

  it(`${HELLOS} strange hellos: each is answered or hung up on`, { timeout: 60_000 }, async () => {
    const { socket: path, key } = world.socket;
    await inLanes(HELLOS, async (number) => {
      const dice = diceFor('hellos', number);
      const good = JSON.stringify({ drawbridge: 1, key, server: dice.pick(servers) });
      const bytes = dice.chance(0.5)
        ? mutate(Buffer.from(`${good}\n${call('1')}\n`), dice.random)
        : Buffer.concat([strangeMessage(dice, 'x'), Buffer.from('\n')]);
      const text = await exchange({ path }, bytes, `hello ${number}`);
      // Whoever gets in knows the key already; nobody else is told it.
      expect(world.secretsIn(text)).toEqual([]);
    });
    report(`fuzz of the socket door: ${HELLOS} hellos`);
    await worksAsBefore();
  });
});

describe('at the HTTP door', () => {
  it(`${REQUESTS} strange requests: each is answered as it must be or hung up on`, {
    timeout: 240_000,
  }, async () => {
    const { port, doorKey: key } = world;
    const door: Door = { port, key, servers, session: await beginSession() };
    const byStatus = new Map<string, number>();
    let sent = 0;
    const knock = async (request: StrangeRequest, number: number | string): Promise<void> => {
      const { kind, bytes, status, says } = request;
      const what = `FUZZ_SEED=${seed}, request ${number}, ${kind}: ${bytes.toString('latin1').slice(0, 400)}`;
      const text = await exchange({ host: '127.0.0.1', port }, bytes, what);
      const got = /^HTTP\/1\.1 (\d+) /.exec(text)?.[1] ?? (text === '' ? 'hung up' : 'junk');
      expect({
        what,
        got,
        says: says !== undefined && text.includes(says) ? says : undefined,
        never: /^(www-authenticate|injected|access-control-[a-z-]+):.*/im.exec(text)?.[0],
        secrets: world.secretsIn(text),
      }).toEqual({
        what,
        got: status === undefined ? expect.not.stringMatching(/401|junk/) : String(status),
        says,
        never: undefined,
        secrets: [],
      });
      byStatus.set(got, (byStatus.get(got) ?? 0) + 1);
      sent += request.requests;
    };
    await knock(tooLarge(door, false), 'large');
    await knock(tooLarge(door, true), 'large and chunked');
    await inLanes(REQUESTS, (number) =>
      knock(strangeRequest(door, diceFor('requests', number)), number),
    );
    const statuses = [...byStatus.keys()]
      .toSorted((a, b) => a.localeCompare(b))
      .map((status) => `${status}: ${byStatus.get(status)}`);
    report(`fuzz of the HTTP door: ${sent} requests, ${statuses.join(', ')}`);
    expect(await ask(door.session.id, call('in the session'))).toContain('still here');
    await worksAsBefore();
  });
});

/** A session that the door keeps, in front of the server of the modern era. */
const beginSession = async (): Promise<Door['session']> => {
  const answer = await startAsking(world.port, world.doorKey, {
    path: '/mcp/modern',
    body: initialize('begin'),
  });
  answer.resume();
  const id = answer.headers['mcp-session-id'];
  if (typeof id !== 'string') throw new Error('no session');
  return { server: 'modern', id };
};

const ask = async (session: string, body: string): Promise<string> => {
  const headers = { 'mcp-session-id': session };
  const answer = await startAsking(world.port, world.doorKey, {
    path: '/mcp/modern',
    headers,
    body,
  });
  const chunks: Buffer[] = await answer.toArray();
  return Buffer.concat(chunks).toString();
};

/** Says it, says no more after a while, and gives all that came back until the connection ended. */
const exchange = (
  to: { readonly path: string } | { readonly host: string; readonly port: number },
  bytes: Buffer,
  what: string,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createConnection({ ...to, allowHalfOpen: true });
    let text = '';
    const patience = setTimeout(() => socket.end(), PATIENCE_MS);
    const bound = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end after ${BOUND_MS} ms: ${what}`));
    }, BOUND_MS);
    socket.on('data', (chunk) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      clearTimeout(patience);
      clearTimeout(bound);
      resolve(text);
    });
    socket.write(bytes);
  });
