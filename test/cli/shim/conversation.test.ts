/** What of a conversation is said again to a broker that comes back, and what the AI client is told meanwhile? */
import { describe, expect, it } from 'vitest';
import { createConversation } from '../../../cli/shim/conversation.ts';

const request = (id: string | number, method: string, params: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const result = (id: string | number, value: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result: value });
const error = (id: string | number): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32603, message: 'no' } });

const initialize = request(0, 'initialize', { protocolVersion: '2025-11-25' });
const welcome = result(0, { protocolVersion: '2025-11-25', capabilities: {} });
const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';

const shaken = () => {
  const conversation = createConversation();
  conversation.said(initialize);
  conversation.heard(welcome);
  conversation.said(initialized);
  return conversation;
};

describe('a new broker', () => {
  it('is greeted as the first one was, and only then told the rest', () => {
    const conversation = shaken();
    const level = request(1, 'logging/setLevel', { level: 'debug' });
    const subscribe = request(2, 'resources/subscribe', { uri: 'a://1' });
    const list = request(3, 'tools/list');
    for (const line of [level, subscribe, list]) expect(conversation.said(line)).toBe(line);
    conversation.heard(result(1));
    conversation.heard(result(2));
    expect(conversation.lost()).toEqual([]);

    expect(conversation.greeting()).toBe(initialize);
    expect(conversation.heard(welcome)).toEqual({ greeted: 'alike' });
    expect(conversation.resumption()).toEqual([initialized, level, subscribe, list]);
    expect([1, 2].map((id) => conversation.heard(result(id)))).toEqual([{}, {}]);
    expect(conversation.heard(result(3))).toEqual({ show: result(3) });
  });

  it('is not told what was taken back, refused, or replaced', () => {
    const conversation = shaken();
    const said = [
      request(1, 'resources/subscribe', { uri: 'a://gone' }),
      request(2, 'resources/unsubscribe', { uri: 'a://gone' }),
      request(3, 'resources/subscribe', { uri: 'a://refused' }),
      request(4, 'logging/setLevel', { level: 'debug' }),
      request(5, 'logging/setLevel', { level: 'error' }),
    ];
    for (const line of said) conversation.said(line);
    for (const id of [1, 2, 4, 5]) conversation.heard(result(id));
    conversation.heard(error(3));
    conversation.said(request(6, 'tools/list'));
    conversation.said(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":6}}',
    );
    conversation.lost();
    expect(conversation.resumption()).toEqual([initialized, said[4]]);
  });

  it.each([
    ['an error', error(0)],
    ['another version', result(0, { protocolVersion: '2025-06-18' })],
  ])('that answers the greeting with %s is not taken for the same', (_name, answer) => {
    const conversation = shaken();
    conversation.lost();
    conversation.greeting();
    expect(conversation.heard(answer)).toEqual({ greeted: 'otherwise' });
  });

  it('is asked anew where the first one never answered the greeting', () => {
    const conversation = createConversation();
    conversation.said(initialize);
    expect(conversation.lost()).toEqual([]);
    expect(conversation.greeting()).toBeUndefined();
    expect(conversation.resumption()).toEqual([initialize]);
    expect(conversation.heard(welcome)).toEqual({ show: welcome });
  });

  it('hears that the first greeting is done only after it, where that was said too early', () => {
    const conversation = createConversation();
    for (const line of [initialize, initialized]) conversation.said(line);
    conversation.lost();
    expect(conversation.resumption()).toEqual([initialize, initialized]);
  });

  it('needs no greeting in the modern era, and is listened to through any number of them', () => {
    const conversation = createConversation();
    const listen = request('listen', 'subscriptions/listen');
    conversation.said(listen);
    for (let count = 0; count < 5; count += 1) {
      expect(conversation.lost()).toEqual([]);
      expect(conversation.greeting()).toBeUndefined();
      expect(conversation.resumption()).toEqual([listen]);
    }
  });
});

describe('what was under way', () => {
  it('is told of as lost where it may have been carried out', () => {
    const conversation = shaken();
    conversation.said(request(1, 'tools/call', { name: 'pay' }));
    conversation.said(request(2, 'acme/unheard-of'));
    conversation.said(`[${request(3, 'tools/list')},${request(4, 'ping')}]`);
    const told = conversation.lost().map((line) => JSON.parse(line) as object);
    expect(told).toMatchObject([
      { id: 1, result: { isError: true, content: [{ type: 'text' }] } },
      { id: 2, error: { code: 1007 } },
      { id: 3, error: { code: 1007 } },
      { id: 4, error: { code: 1007 } },
    ]);
    expect(told[0]).not.toHaveProperty('result.resultType');
    expect(conversation.resumption()).toEqual([initialized]);
  });

  it('is a whole result in the modern era', () => {
    const conversation = createConversation();
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    conversation.said(request(1, 'tools/call', { name: 'pay', _meta }));
    expect(JSON.parse(conversation.lost()[0] ?? '')).toHaveProperty(
      'result.resultType',
      'complete',
    );
  });

  it('is said again once: it may be what the broker died of', () => {
    const conversation = shaken();
    conversation.said(request(1, 'resources/read', { uri: 'a://deadly' }));
    conversation.lost();
    expect(conversation.resumption()).toHaveLength(2);
    expect(conversation.lost()).toMatchObject([expect.stringContaining('"id":1')]);
    expect(conversation.resumption()).toEqual([initialized]);
  });

  it('is not kept when it is large', () => {
    const conversation = shaken();
    conversation.said(request(1, 'completion/complete', { text: 'x'.repeat(2 * 1024 * 1024) }));
    expect(conversation.lost()).toHaveLength(1);
  });

  it('is refused, with what was never passed on, when nobody comes', () => {
    const conversation = shaken();
    conversation.said(request(1, 'tools/list'));
    conversation.said(request('listen', 'subscriptions/listen'));
    conversation.lost();
    const held = [request(2, 'tools/call'), initialized, 'no message', result(9)];
    expect(conversation.refusals(held, 'gone').map((line) => JSON.parse(line) as object)).toEqual([
      { jsonrpc: '2.0', id: 1, error: { code: 1000, message: 'gone' } },
      {
        ...{ jsonrpc: '2.0', id: 2 },
        result: { content: [{ type: 'text', text: 'gone' }], isError: true },
      },
    ]);
  });
});

describe('a question of the broker', () => {
  const question = request(7, 'elicitation/create', { message: 'sure?' });

  it('is taken back when the broker is gone, and a late answer is for nobody', () => {
    const conversation = shaken();
    expect(conversation.heard(question)).toEqual({ show: question });
    expect(conversation.lost().map((line) => JSON.parse(line) as object)).toMatchObject([
      { method: 'notifications/cancelled', params: { requestId: 7 } },
    ]);
    expect(conversation.said(result(7, { action: 'accept' }))).toBeUndefined();
  });

  it('is never answered with the answer to another one of the same id (confused answer)', () => {
    const conversation = shaken();
    conversation.heard(question);
    conversation.lost();
    const { show = '' } = conversation.heard(request(7, 'elicitation/create', { message: 'pay?' }));
    const { id } = JSON.parse(show) as { id: string };
    expect(id).not.toBe(7);
    expect(conversation.said(result(7, { action: 'accept' }))).toBeUndefined();
    expect(conversation.said(result(id, { action: 'decline' }))).toBe(
      result(7, { action: 'decline' }),
    );
  });

  it('is taken back by the broker under the id that it was shown with', () => {
    const conversation = shaken();
    conversation.lost();
    const { show = '' } = conversation.heard(question);
    const { id } = JSON.parse(show) as { id: string };
    const cancel = conversation.heard(
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"late"}}',
    );
    expect(JSON.parse(cancel.show ?? '')).toMatchObject({
      params: { requestId: id, reason: 'late' },
    });
    expect(conversation.said(result(id))).toBeUndefined();
  });

  it('leaves its own words and their order alone', () => {
    const conversation = shaken();
    conversation.lost();
    const odd = '{"params" : {"b":1,"a":2.50, "id":1}, "id" : 7 ,"method":"x/y","jsonrpc":"2.0"}';
    expect(conversation.heard(odd).show).toBe(odd.replace('"id" : 7', '"id" : "2:7"'));
  });
});
