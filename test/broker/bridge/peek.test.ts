import { expect, it } from 'vitest';
import { peek } from '../../../broker/bridge/peek.ts';

it.each<[string, string, unknown]>([
  [
    'a response',
    '{"jsonrpc":"2.0","id":7,"result":{"id":8,"method":"x"}}',
    { id: 7, method: undefined },
  ],
  [
    'an id at the end',
    '{"result":{"a":[1,{"id":1}]},"id":"a","jsonrpc":"2.0"}',
    { id: 'a', method: undefined },
  ],
  [
    'a notification',
    ' {"jsonrpc" : "2.0" , "method" : "notifications/x" } ',
    { id: undefined, method: 'notifications/x' },
  ],
  [
    'escapes',
    '{"jsonrpc":"2.0","id":"\\"\\\\\\u0041","method":"a\\/b"}',
    { id: '"\\A', method: 'a/b' },
  ],
  ['an escaped name', '{"jsonrpc":"2.0","\\u0069d":3}', { id: 3, method: undefined }],
  ['braces in strings', '{"jsonrpc":"2.0","x":"}{][,:","id":1}', { id: 1, method: undefined }],
  [
    'a quote before the end of a string',
    '{"jsonrpc":"2.0","x":"\\\\\\"","id":1}',
    { id: 1, method: undefined },
  ],
  [
    'the last of two ids, as JSON.parse has it',
    '{"jsonrpc":"2.0","id":1,"id":2}',
    { id: 2, method: undefined },
  ],
  [
    'no id for null',
    '{"jsonrpc":"2.0","id":null,"error":{}}',
    { id: undefined, method: undefined },
  ],
  [
    'no id that is an object',
    '{"jsonrpc":"2.0","id":{"a":1}}',
    { id: undefined, method: undefined },
  ],
])('finds %s', (_what, text, found) => {
  expect(peek(text)).toEqual(found);
});

it.each([
  ['another version', '{"jsonrpc":"1.0","id":1}'],
  ['a list', '[{"jsonrpc":"2.0"}]'],
  ['a text', '"jsonrpc"'],
  ['nothing', ''],
  ['half a message', '{"jsonrpc":"2.0","id":1'],
  ['half a string', '{"jsonrpc":"2.0","id":"1'],
  ['more than one', '{"jsonrpc":"2.0"} {"jsonrpc":"2.0"}'],
  ['a web page', '<html>{"jsonrpc":"2.0"}</html>'],
])('takes %s for no message', (_what, text) => {
  expect(peek(text)).toBeUndefined();
});

it('agrees with JSON.parse on a thousand messages of every shape', () => {
  let seed = 7;
  const random = (most: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return seed % most;
  };
  const texts = ['', 'id', '"', '\\', '{"id":1}', '}', ',', 'ü漢', '\n', 'method'];
  const value = (depth: number): unknown => {
    const kind = random(depth > 3 ? 4 : 6);
    if (kind === 0) return random(1000) - 500;
    if (kind === 1) return texts[random(texts.length)];
    if (kind === 2) return null;
    if (kind === 3) return random(2) === 0;
    if (kind === 4) return Array.from({ length: random(4) }, () => value(depth + 1));
    return Object.fromEntries(
      Array.from({ length: random(4) }, () => [
        texts[random(texts.length)] ?? '',
        value(depth + 1),
      ]),
    );
  };
  for (let round = 0; round < 1000; round += 1) {
    const message = {
      a: value(0),
      jsonrpc: '2.0',
      id: random(2) === 0 ? round : texts[random(10)],
      b: value(0),
    };
    expect(peek(JSON.stringify(message, undefined, random(3)))).toEqual({
      id: message.id,
      method: undefined,
    });
  }
});
