/** Does everything arrive that a server of 2025-03-26 says at once, in an array, and one by one? (T20) */
import { describe, expect, it } from 'vitest';
import { messagesIn } from '../../../../broker/bridge/upstream/messages-in.ts';
import { eventually } from '../../../doubles/eventually.ts';
import { sendJson } from '../../../servers/loopback-server.ts';
import {
  beginEvents,
  event,
  initialize,
  legacyServer,
  type Serve,
  say,
  setStage,
} from './stage.ts';

const call = { id: 7, method: 'tools/call', params: { name: 'x' } };
const note = { jsonrpc: '2.0', method: 'notifications/message', params: { data: 'ü, [] {}' } };
const question = { jsonrpc: '2.0', id: 'q', method: 'roots/list' };
const result = { jsonrpc: '2.0', id: 7, result: { content: [] } };

describe('the messages in a text', () => {
  it.each([
    ['one', JSON.stringify(note), [JSON.stringify(note)]],
    [
      'several',
      ` [ ${JSON.stringify(note)} ,\n${JSON.stringify(result)}] `,
      [JSON.stringify(note), JSON.stringify(result)],
    ],
    ['none', '[]', []],
    [
      'what is one among others',
      `[7, ${JSON.stringify(result)}, [${JSON.stringify(note)}], null]`,
      [JSON.stringify(result)],
    ],
    ['cut short', `[${JSON.stringify(note)},`, []],
    ['no JSON inside', '[{"jsonrpc":"2.0","id":1,"result":nothing}]', []],
  ])('%s', (_what, text, expected) => {
    expect(messagesIn(text).map(({ json }) => json)).toEqual(expected);
  });

  it('say what they are about, and stay as they were written', () => {
    const written = '{"jsonrpc":"2.0","id":12345678901234567890, "result":{"n":1.0}}';
    expect(messagesIn(`[${written},${JSON.stringify(question)}]`)).toEqual([
      { json: written, peeked: { id: 12345678901234567000, method: undefined } },
      { json: JSON.stringify(question), peeked: { id: 'q', method: 'roots/list' } },
    ]);
  });
});

describe('an array of messages (T20)', () => {
  it.each<[string, Serve]>([
    ['as the whole answer', (_message, res) => sendJson(res, 200, [note, question, result])],
    [
      'in an event',
      (_message, res) => {
        beginEvents(res);
        res.end(event([note, question]) + event([result]));
      },
    ],
  ])('%s to a call arrives one by one, and the call has its answer', async (_how, serve) => {
    await using stage = await setStage(legacyServer(serve));
    const leg = stage.open.legacy(() => undefined);
    say(leg, initialize);
    const heard = say(leg, call);
    await expect.poll(() => heard.ends, eventually).toEqual([{ status: 200 }]);
    expect(heard.messages).toEqual([note, question, result]);
    leg.close();
  });

  it('on the stream of the server itself arrives one by one', async () => {
    const unasked: unknown[] = [];
    await using stage = await setStage((message, res, req) => {
      if (req.method !== 'GET') return legacyServer(() => undefined)(message, res, req);
      beginEvents(res);
      res.write(event([note, question]));
    });
    const leg = stage.open.legacy((json) => unasked.push(JSON.parse(json)));
    say(leg, initialize);
    say(leg, { method: 'notifications/initialized' });
    await expect.poll(() => unasked, eventually).toEqual([note, question]);
    leg.close();
  });

  it('on the stream of a server of 2024-11-05 arrives one by one, and the call has its answer', async () => {
    const unasked: unknown[] = [];
    let tell = (_data: unknown): void => undefined;
    await using stage = await setStage((_message, res, req) => {
      if (req.method !== 'GET') {
        res.writeHead(202).end();
        return tell([note, result]);
      }
      beginEvents(res);
      res.write('event: endpoint\ndata: /messages\n\n');
      tell = (data) => res.write(event(data));
    });
    const leg = stage.open.old((json) => unasked.push(JSON.parse(json)));
    const heard = say(leg, call);
    await expect.poll(() => heard.ends, eventually).toEqual([{}]);
    expect([unasked, heard.messages]).toEqual([[note], [result]]);
    leg.close();
  });
});
