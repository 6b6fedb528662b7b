/** What exactly is a server told again in a new session, and what if it does not answer? */
import { describe, expect, it } from 'vitest';
import type { Envelope } from '../../../broker/bridge/json-rpc.ts';
import { type Message, messageOf } from '../../../broker/bridge/leg.ts';
import {
  createStandingWishes,
  sayInTurn,
} from '../../../broker/bridge/upstream/standing-wishes.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

const fine = '{"jsonrpc":"2.0","id":1,"result":{}}';
const refused = '{"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"no"}}';
const request = (method: string, params: object = {}): Envelope => ({
  jsonrpc: '2.0',
  id: 1,
  method,
  params: params as NonNullable<Envelope['params']>,
});
const subscribe = (uri: string): Envelope => request('resources/subscribe', { uri });

describe('what is told again', () => {
  it('is what the server agreed to and what was not taken back, under ids of the bridge', () => {
    const wishes = createStandingWishes();
    wishes.answered(subscribe('a:1'), fine);
    wishes.answered(request('logging/setLevel', { level: 'debug' }), fine);
    wishes.answered(subscribe('a:2'), refused);
    wishes.answered(subscribe('a:3'), fine);
    wishes.answered(request('resources/unsubscribe', { uri: 'a:1' }), fine);
    wishes.answered(request('resources/unsubscribe', { uri: 'a:3' }), refused);
    wishes.answered(request('logging/setLevel', { level: 'info', _meta: { x: 1 } }), fine);
    wishes.answered(request('tools/call', { name: 'x' }), fine);
    wishes.answered(request('toString'), fine);
    const told = wishes.again().map(({ envelope: { method, params } }) => ({ method, params }));
    expect(told).toEqual([
      { method: 'resources/subscribe', params: { uri: 'a:3' } },
      { method: 'logging/setLevel', params: { level: 'info' } },
    ]);
    const ids = [...wishes.again(), ...wishes.again()].map(({ envelope }) => envelope.id);
    expect(new Set(ids).size).toBe(4);
    wishes.clear();
    expect(wishes.again()).toEqual([]);
  });
});

describe('telling it', () => {
  const messages = ['a:1', 'a:2', 'a:3'].map((uri) => messageOf(subscribe(uri)));
  const begin = (all = messages) => {
    const clock = createVirtualClock();
    const said: { message: Message; next: () => void }[] = [];
    let ends = 0;
    const stop = sayInTurn(
      all,
      (message, next) => said.push({ message, next }),
      clock.after,
      () => (ends += 1),
    );
    return { clock, said, stop, ends: () => ends };
  };

  it('goes one after the other, and the rest follows', () => {
    const { clock, said, ends } = begin();
    for (let n = 0; n < 3; n += 1) {
      expect([said.length, ends()]).toEqual([n + 1, 0]);
      said[n]?.next();
    }
    expect(said.map(({ message }) => message)).toEqual(messages);
    expect([ends(), clock.waits()]).toEqual([1, []]);
  });

  it('is over at once where there is nothing to tell', () => {
    const { clock, said, ends } = begin([]);
    expect([said.length, ends(), clock.waits()]).toEqual([0, 1, []]);
  });

  it('ends in silence when the AI client has left', async () => {
    const { clock, said, stop, ends } = begin();
    stop();
    said[0]?.next();
    await clock.advance(10_000);
    expect([said.length, ends(), clock.waits()]).toEqual([1, 0, []]);
  });

  it('is given up when the server takes too long, and a late answer changes nothing', async () => {
    const { clock, said, ends } = begin();
    await clock.advance(10_000);
    expect([said.length, ends()]).toEqual([1, 1]);
    said[0]?.next();
    expect([said.length, ends()]).toEqual([1, 1]);
  });
});
