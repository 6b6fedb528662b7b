/** Does each AI client hear its own part of a program that several share, and nothing of the others'? (F7) */
import { beforeEach, expect, it } from 'vitest';
import { readEnvelope } from '../../../../broker/bridge/json-rpc.ts';
import type { End, Leg } from '../../../../broker/bridge/leg.ts';
import { numbered } from '../../../../broker/bridge/upstream/stdio/numbered.ts';
import {
  LINGER_MS,
  modernManners,
  type Shared,
  shared,
} from '../../../../broker/bridge/upstream/stdio/shared.ts';
import { legacyManners } from '../../../../broker/bridge/upstream/stdio/shared-legacy.ts';
import { createVirtualClock, type VirtualClock } from '../../../doubles/clock.ts';
import {
  createScriptedServer,
  type Json,
  type ScriptedLeg,
  type ScriptedServer,
} from '../../../doubles/scripted-leg.ts';

let clock: VirtualClock;
let server: ScriptedServer;
let house: Shared;

const serverInfo = { name: 'scripted', version: '1' };
const result = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo };

beforeEach(() => {
  clock = createVirtualClock();
  server = createScriptedServer({
    initialize: (said) => said.answer(result),
    'resources/subscribe': (said) => said.answer({}),
    'resources/unsubscribe': (said) => said.answer({}),
  });
  house = shared(numbered(server.open), legacyManners('1.2.3'), {
    title: 'Scripted',
    after: clock.after,
  });
});

const program = (): ScriptedLeg => {
  const leg = server.legs.at(-1);
  if (leg === undefined) throw new Error('nothing was started');
  return leg;
};

const open = (from: Shared = house) => {
  const heard: Json[] = [];
  const ends: End[] = [];
  const leg: Leg = from.open((json) => heard.push(JSON.parse(json)));
  const say = (message: object) => {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    const envelope = readEnvelope(text);
    if (envelope === undefined) throw new Error('no message');
    return leg.say(
      { text, envelope },
      { message: (json) => heard.push(JSON.parse(json)), done: (end) => ends.push(end) },
    );
  };
  const shake = (capabilities: object = {}, protocolVersion = '2025-11-25') => {
    say({ id: 'a', method: 'initialize', params: { protocolVersion, capabilities } });
    say({ method: 'notifications/initialized' });
  };
  return { heard, ends, leg, say, shake };
};

it('shakes hands once, in its own name, and answers each AI client as it asked', () => {
  const [one, other] = [open(), open()];
  one.shake({}, '2025-11-25');
  other.shake({}, '2024-11-05');
  expect(program().of('initialize').length).toBe(1);
  expect(program().last('initialize').json.params.clientInfo.name).toBe('drawbridge');
  expect(one.heard).toEqual([{ jsonrpc: '2.0', id: 'a', result }]);
  expect(other.heard).toEqual([
    { jsonrpc: '2.0', id: 'a', result: { ...result, protocolVersion: '2024-11-05' } },
  ]);
});

it('gives answers and progress under the ids and tokens of whoever asked, though they are the same', () => {
  const all = [open(), open()];
  for (const [at, client] of all.entries()) {
    client.shake();
    client.heard.length = 0;
    const _meta = { progressToken: 'same' };
    client.say({ id: 1, method: 'tools/call', params: { name: `tool-${at}`, _meta } });
  }
  const [first, second] = program().of('tools/call');
  expect(first?.json.id).not.toBe(second?.json.id);
  expect(first?.json.params._meta.progressToken).not.toBe(second?.json.params._meta.progressToken);
  second?.say({
    ...{ jsonrpc: '2.0', method: 'notifications/progress' },
    params: { progressToken: second.json.params._meta.progressToken, progress: 1 },
  });
  second?.answer({ from: 'second' });
  first?.answer({ from: 'first' });
  expect(all.map(({ heard }) => heard)).toEqual([
    [{ jsonrpc: '2.0', id: 1, result: { from: 'first' } }],
    [
      {
        ...{ jsonrpc: '2.0', method: 'notifications/progress' },
        params: { progressToken: 'same', progress: 1 },
      },
      { jsonrpc: '2.0', id: 1, result: { from: 'second' } },
    ],
  ]);
});

it('tells all of changed lists, and of a resource those who subscribed to it, as long as any has', () => {
  const [one, other] = [open(), open()];
  for (const client of [one, other]) client.shake();
  for (const client of [one, other])
    client.say({ id: 1, method: 'resources/subscribe', params: { uri: 'a:b' } });
  one.say({ id: 2, method: 'resources/unsubscribe', params: { uri: 'a:b' } });
  expect(program().of('resources/unsubscribe')).toEqual([]);
  for (const client of [one, other]) client.heard.length = 0;
  const updated = { method: 'notifications/resources/updated', params: { uri: 'a:b' } };
  program().unasked({ jsonrpc: '2.0', ...updated });
  program().unasked({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
  expect(one.heard.map(({ method }) => method)).toEqual(['notifications/tools/list_changed']);
  expect(other.heard.map(({ method }) => method)).toEqual([
    'notifications/resources/updated',
    'notifications/tools/list_changed',
  ]);
  other.leg.close();
  expect(program().last('resources/unsubscribe').json.params.uri).toBe('a:b');
});

it('asks nobody what they have not declared, and takes no answer from anybody else', () => {
  const [one, other] = [open(), open()];
  one.shake({ elicitation: {} });
  other.shake();
  const ask = (id: string): void =>
    program().unasked({ jsonrpc: '2.0', id, method: 'elicitation/create', params: {} });
  ask('q1');
  expect(program().replyTo('q1').error.code).toBe(-32601);
  other.say({ id: 5, method: 'tools/call', params: { name: 'x' } });
  ask('q2');
  expect(program().replyTo('q2').error.message).toContain('has not declared');
  program().last('tools/call').answer({});
  one.say({ id: 6, method: 'tools/call', params: { name: 'x' } });
  ask('q3');
  expect(one.heard.at(-1)).toMatchObject({ id: 'q3', method: 'elicitation/create' });
  other.say({ id: 'q3', result: { action: 'accept' } });
  expect(program().replyTo('q3')).toBeUndefined();
  one.say({ id: 'q3', result: { action: 'decline' } });
  expect(program().replyTo('q3').result.action).toBe('decline');
});

it('gives up at the program what an AI client cancels, or leaves behind', () => {
  const [one, other] = [open(), open()];
  for (const client of [one, other]) {
    client.shake();
    client.say({ id: 1, method: 'tools/call', params: { name: 'x' } });
  }
  one.say({ method: 'notifications/cancelled', params: { requestId: 1 } });
  expect(
    program()
      .of('tools/call')
      .map(({ givenUp }) => givenUp),
  ).toEqual([true, false]);
  other.leg.close();
  expect(
    program()
      .of('tools/call')
      .map(({ givenUp }) => givenUp),
  ).toEqual([true, true]);
});

it('lets the program go some time after the last AI client, and not before', async () => {
  const [one, other] = [open(), open()];
  for (const client of [one, other]) client.shake();
  one.leg.close();
  await clock.advance(LINGER_MS * 2);
  expect(program().closed).toBe(false);
  other.leg.close();
  await clock.advance(LINGER_MS / 2);
  const late = open();
  late.shake();
  await clock.advance(LINGER_MS * 2);
  expect([server.legs.length, program().closed]).toEqual([1, false]);
  late.leg.close();
  await clock.advance(LINGER_MS);
  expect(program().closed).toBe(true);
  open().shake();
  expect(server.legs.length).toBe(2);
  expect(program().of('initialize').length).toBe(1);
});

it('does not wait for an AI client that reads slowly, and drops what is too much for it', () => {
  const [slow, other] = [open(), open()];
  for (const client of [slow, other]) {
    client.shake();
    client.heard.length = 0;
  }
  slow.leg.pause();
  for (const id of [1, 2]) slow.say({ id, method: 'tools/call', params: { name: 'x' } });
  other.say({ id: 3, method: 'tools/call', params: { name: 'x' } });
  const [first, , third] = program().of('tools/call');
  const text = 'x'.repeat(33 * 1024 * 1024);
  first?.answer({ content: [{ type: 'text', text }] });
  third?.answer({});
  expect(other.heard).toHaveLength(1);
  expect([slow.heard, program().paused]).toEqual([[], false]);
  slow.leg.resume();
  expect(slow.heard).toEqual([]);
  expect(slow.ends.map(({ problem }) => problem?.code).filter(Boolean)).toEqual([
    'server-too-slow',
    'server-too-slow',
  ]);
});

it('in the modern era, each hears what it listens to under its own id', () => {
  const modern = shared(numbered(server.open), modernManners, {
    title: 'Scripted',
    after: clock.after,
  });
  const all = [open(modern), open(modern)];
  for (const client of all) client.say({ id: 'mine', method: 'subscriptions/listen', params: {} });
  const [, second] = program().of('subscriptions/listen');
  const key = 'io.modelcontextprotocol/subscriptionId';
  second?.say({
    ...{ jsonrpc: '2.0', method: 'notifications/tools/list_changed' },
    params: { _meta: { [key]: second.json.id } },
  });
  expect(all.map(({ heard }) => heard.map(({ params }) => params._meta[key]))).toEqual([
    [],
    ['mine'],
  ]);
});
