/** Does a tool that a person calls by hand do what it would for an AI client, within bounds, and can it be given up? */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reachBroker } from '../../../broker/broker.ts';
import { createControlClient } from '../../../shared/contract/client.ts';
import { DEFAULT_ACCOUNT } from '../../../shared/contract/ids.ts';
import type { ToolAnswer, ToolCall } from '../../../shared/contract/tool-call.ts';
import { eventually } from '../../doubles/eventually.ts';
import { type InProcessBroker, startInProcessBroker } from '../../doubles/in-process-broker.ts';
import { createPolicyFile } from '../../doubles/policy-file.ts';
import { startAuthorizationServer } from '../../servers/authorization-server.ts';
import { type EverythingServer, startEverythingServer } from '../../servers/everything-server.ts';
import { readBody, sendJson, startLoopbackServer } from '../../servers/loopback-server.ts';
import { type McpTestServer, startMcpServer } from '../../servers/mcp-server.ts';
import { bothEras, everything, modernOnly, odd } from './local/programs.ts';

let small: McpTestServer;
let every: EverythingServer;
let drawbridge: InProcessBroker;

beforeEach(async () => {
  small = await startMcpServer();
  every = await startEverythingServer();
  drawbridge = await startInProcessBroker();
  await drawbridge.addServer('small', small.url);
  await drawbridge.addServer('every', every.url);
});
afterEach(async () => {
  await drawbridge[Symbol.asyncDispose]();
  await every.close();
  await small.close();
});

type Wish = Partial<ToolCall> & { name: string };
const keyOf = (id: string) => ({ server: id, account: DEFAULT_ACCOUNT });
const call = (id: string, wish: Wish, signal?: AbortSignal): Promise<ToolAnswer> =>
  drawbridge.control.callTool(keyOf(id), wish, ...(signal === undefined ? [] : [signal]));
const resultOf = ({ text }: ToolAnswer): unknown => JSON.parse(text);
const said = (text: string) => ({ content: [{ type: 'text', text }] });
const noted = async () => (await drawbridge.control.activity({})).entries;
const addLocal = async (id: string, command: typeof bothEras): Promise<void> => {
  await drawbridge.control.addLocalServer({ id, title: id, command, secrets: {} });
};

describe('a call by hand', () => {
  it.each(['small', 'every'])('is answered at %s, whichever era it speaks', async (id) => {
    const answer = await call(id, { name: 'echo', arguments: { message: 'hello' } });
    expect(answer).toMatchObject({ isError: false, more: 0, declined: [] });
    expect(answer).not.toHaveProperty('refused');
    expect(resultOf(answer)).toMatchObject({
      content: [{ type: 'text', text: expect.stringContaining('hello') as string }],
    });
  });

  it.each([
    ['of both eras', bothEras],
    ['of the modern era', modernOnly],
    ['of the legacy era', everything],
    ['that all share', { ...bothEras, processes: 'shared' as const }],
  ])('is answered by a program %s', async (_which, command) => {
    await addLocal('local', command);
    const answer = await call('local', { name: 'echo', arguments: { message: 'hello' } });
    expect(answer.text).toContain('hello');
  });

  it('that the tool fails at is its result, and says so', async () => {
    const answer = await call('small', { name: 'fail' });
    expect(answer.isError).toBe(true);
    expect(resultOf(answer)).toMatchObject(said('this tool always fails'));
  });

  it('that the server refuses is its error, and says so', async () => {
    const { isError, refused, text } = await call('every', { name: 'no-such-tool' });
    expect([isError, text.includes('no-such-tool')]).toEqual([true, true]);
    expect(refused).toBeUndefined();
    const modern = await call('small', { name: 'no-such-tool' });
    expect(modern).toMatchObject({ isError: true, refused: true });
    expect(resultOf(modern)).toMatchObject({ code: -32602 });
  });

  it('is noted as Drawbridge’s, by name and size, and counts as no AI client’s', async () => {
    await call('small', { name: 'echo', arguments: { message: 'canary-argument' } });
    await call('small', { name: 'fail' });
    const entries = await noted();
    expect(entries).toMatchObject([
      { aiClient: 'Drawbridge', door: 'hand', method: 'tools/call', name: 'fail' },
      { server: 'small', account: 'default', name: 'echo', outcome: 'answered' },
    ]);
    expect(entries[0]?.outcome).toBe('tool-error');
    expect(entries[1]?.bytesOut).toBeGreaterThan(20);
    const view = drawbridge.broker.snapshot().servers.find(({ id }) => id === 'small');
    expect([view?.usedBy, view?.lastCallAt]).toEqual([undefined, undefined]);
    const places = [drawbridge.log.join('\n'), JSON.stringify(drawbridge.broker.snapshot())];
    expect(places.filter((place) => place.includes('canary-argument'))).toEqual([]);
  });

  it('is kept with what was said where that is kept', async () => {
    await drawbridge.control.startCapture({ server: 'small', forMs: 60_000 });
    await call('small', { name: 'echo', arguments: { message: 'captured words' } });
    const { captured } = await drawbridge.control.allCaptured();
    expect(captured[0]?.asked.text).toContain('captured words');
    expect(captured[0]?.answered?.text).toContain('captured words');
  });

  it('needs no yes, and no rule about AI clients narrows it', async () => {
    await drawbridge.control.addRule({ deny: ['echo'], approve: ['*'] });
    const answer = await call('small', { name: 'echo', arguments: { message: 'still' } });
    expect(answer.text).toContain('still');
    expect(drawbridge.broker.snapshot().approvals).toBeUndefined();
  });

  it('is not passed on during a pause', async () => {
    await drawbridge.control.pause({});
    const before = small.count({ method: 'tools/call' });
    const paused = call('small', { name: 'echo', arguments: { message: 'x' } });
    await expect(paused).rejects.toMatchObject({ code: 'paused' });
    expect(small.count({ method: 'tools/call' })).toBe(before);
    expect(await noted()).toMatchObject([{ outcome: 'error', code: 'paused' }]);
  });

  it('goes nowhere that the policy forbids', async () => {
    using policy = createPolicyFile();
    await using policed = await startInProcessBroker({ policy: policy.place });
    await policed.addServer('small', small.url);
    policy.put({ allowedHosts: { servers: ['mcp.acme.example'] } });
    const before = small.seen.length;
    const forbidden = policed.control.callTool(keyOf('small'), { name: 'echo' });
    await expect(forbidden).rejects.toMatchObject({ code: 'policy-forbids' });
    expect(small.seen.length).toBe(before);
  });
});

describe('at a server that wants a sign-in', () => {
  it('is made as the account, and without one says what is missing', async () => {
    await using signInService = await startAuthorizationServer();
    await using guarded = await startMcpServer({ authorizationServer: signInService });
    await drawbridge.addServer('guarded', guarded.url);
    const early = call('guarded', { name: 'whoami' });
    await expect(early).rejects.toMatchObject({ code: 'needs-sign-in' });
    const [account] =
      drawbridge.broker.snapshot().servers.find(({ id }) => id === 'guarded')?.accounts ?? [];
    // The person knows: it is no AI client that waits for them.
    expect(account?.wanted).toBeUndefined();

    await drawbridge.signInTo('guarded-too', `${guarded.url}?again`);
    const { text } = await call('guarded-too', { name: 'whoami' });
    expect(text).not.toContain('nobody');
    expect(signInService.issued().filter((secret) => text.includes(secret))).toEqual([]);
  });

  it('a server that is gone, and a program that does not start, say so', async () => {
    const gone = await startMcpServer();
    await drawbridge.addServer('gone', gone.url);
    await gone.close();
    const lost = call('gone', { name: 'echo' });
    await expect(lost).rejects.toMatchObject({ code: 'server-unreachable' });
    await addLocal('broken', { ...bothEras, program: '/nowhere/at-all' });
    const notRun = call('broken', { name: 'echo' });
    await expect(notRun).rejects.toMatchObject({ code: 'program-unavailable' });
  });

  it('an account that is not there is a problem', async () => {
    const nobody = { server: 'small', account: 'nobody' };
    await expect(drawbridge.control.callTool(nobody, { name: 'echo' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});

describe('what a server asks on the way is declined', () => {
  it('by a server that asks although it was told that nobody is there', async () => {
    await addLocal('odd', odd());
    const answer = await call('odd', { name: 'ask' });
    expect(resultOf(answer)).toEqual(said('{"action":"decline"}'));
    expect(answer.declined).toEqual([
      { what: 'elicitation', reason: expect.stringContaining('asked the person') as string },
    ]);
  });

  it('whatever it is, over HTTP as well, and not told without an end', async () => {
    const heard: Record<string, unknown>[] = [];
    const methods = ['ping', 'sampling/createMessage', 'roots/list', 'toString'];
    const questions = [...methods, ...Array.from({ length: 150 }, () => 'elicitation/create')];
    const asking = await startLoopbackServer(() => async (req, res) => {
      if (req.method !== 'POST') return void res.writeHead(405).end();
      const message = JSON.parse((await readBody(req)).toString()) as Record<string, unknown>;
      const { id, method } = message;
      if (method === undefined) heard.push(message);
      if (id === undefined || method === undefined) return void res.writeHead(202).end();
      const serverInfo = { name: 'asking', version: '1' };
      const identity = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo };
      if (method === 'initialize')
        return sendJson(res, 200, { jsonrpc: '2.0', id, result: identity });
      if (method !== 'tools/call')
        return sendJson(res, 200, { jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } });
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const say = (said: object): void =>
        void res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...said })}\n\n`);
      for (const [at, question] of questions.entries())
        say({ id: `q${at}`, method: question, params: {} });
      await expect.poll(() => heard.length, eventually).toBe(questions.length);
      say({ id, result: said('done') });
      res.end();
    });
    await drawbridge.control.addServer({ id: 'asking', url: `${asking.origin}/mcp` });

    const { text, declined } = await call('asking', { name: 'anything' });

    expect(JSON.parse(text)).toEqual(said('done'));
    const answers = new Map(heard.map(({ id, result, error }) => [id, result ?? error]));
    expect(answers.get('q0')).toEqual({});
    expect(answers.get('q1')).toMatchObject({ code: -1, message: expect.any(String) as string });
    expect(answers.get('q2')).toMatchObject({ code: -32601 });
    expect(answers.get('q3')).toMatchObject({ code: -32601 });
    expect(answers.get('q4')).toEqual({ action: 'decline' });
    const [sampling, roots, other, ...rest] = declined.map(({ what }) => what);
    expect([sampling, roots, other]).toEqual(['sampling', 'roots', 'other']);
    expect([rest.length, new Set(rest)]).toEqual([97, new Set(['elicitation'])]);
    await asking.close();
  });

  it('by one that minds what it is told', async () => {
    const { isError, text } = await call('small', { name: 'ask' });
    expect(isError).toBe(true);
    expect(text).toMatch(/elicit/i);
  });
});

describe('bounds', () => {
  it('an answer of more than a megabyte is cut, and it is said by how much', async () => {
    await addLocal('odd', odd());
    const answer = await call('odd', { name: 'large', arguments: { size: 3_000_000 } });
    expect(answer.text.length).toBe(1024 * 1024);
    expect(answer.text.length + answer.more).toBe(JSON.stringify(said('x'.repeat(3e6))).length);
  });

  it('a call that takes too long ends, and the server hears of it', async () => {
    const slow = { name: 'slow', arguments: { steps: 100, stepMs: 5_000 }, timeoutS: 1 };
    await expect(call('small', slow)).rejects.toMatchObject({
      code: 'server-too-slow',
      hint: expect.stringContaining('look before you call again') as string,
    });
    await expect.poll(small.givenUp, eventually).toBe(1);
  });

  it.each([
    ['no name', { name: '' }],
    ['arguments that are no object', { name: 'echo', arguments: [] as never }],
    ['more than five minutes', { name: 'echo', timeoutS: 301 }],
    ['a call id of another form', { name: 'echo', call: '../' }],
    ['more than a megabyte', { name: 'echo', arguments: { message: 'x'.repeat(1_100_000) } }],
  ])('%s is refused', async (_what, wish) => {
    await expect(call('small', wish)).rejects.toMatchObject({ code: 'bad-request' });
    expect(small.count({ method: 'tools/call' })).toBe(0);
  });

  it('twenty are under way at most', async () => {
    const stop = new AbortController();
    const wait = { name: 'slow', arguments: { steps: 100, stepMs: 5_000 } };
    const waiting = Array.from({ length: 20 }, () =>
      call('small', wait, stop.signal).catch(() => 'given up'),
    );
    await expect.poll(() => small.count({ method: 'tools/call' }), eventually).toBe(20);
    await expect(call('small', { name: 'echo' })).rejects.toMatchObject({ code: 'bad-request' });
    stop.abort();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['given up']));
    const echo = () => call('small', { name: 'fail' }).catch(() => undefined);
    await expect.poll(echo, eventually).toMatchObject({ isError: true });
  });
});

describe('giving up', () => {
  const slow = { name: 'slow', arguments: { steps: 100, stepMs: 5_000 } };
  const begins = async (): Promise<void> => {
    await expect.poll(() => small.count({ method: 'tools/call' }), eventually).toBe(1);
  };

  it('the request ends the call at the server', async () => {
    const left = new AbortController();
    const waiting = call('small', slow, left.signal).catch(() => 'left');
    await begins();
    left.abort();
    expect(await waiting).toBe('left');
    await expect.poll(small.givenUp, eventually).toBe(1);
    await expect.poll(noted, eventually).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('by the call’s own id does as well, for surfaces that cannot take a request back', async () => {
    const id = 'call-0001';
    const waiting = call('small', { ...slow, call: id }).catch((error: unknown) => error);
    await begins();
    await drawbridge.control.cancelCall({ call: 'call-0002' });
    expect(small.givenUp()).toBe(0);
    await drawbridge.control.cancelCall({ call: id });
    expect(await waiting).toMatchObject({ code: 'call-given-up' });
    await expect.poll(small.givenUp, eventually).toBe(1);
    // It is over: nothing is left to be given up.
    await drawbridge.control.cancelCall({ call: id });
  });

  it('the window may do so, too', async () => {
    const answer = await reachBroker(drawbridge.dataFolder, 'window');
    const window = createControlClient(answer);
    const given = await window.callTool(keyOf('small'), {
      name: 'echo',
      arguments: { message: 'from the window' },
    });
    expect(given.text).toContain('from the window');
  });
});
