/** Do small changes to a message leave the rest of its text alone? */
import { describe, expect, it } from 'vitest';
import { valueAt, withMembers, withValue } from '../../../broker/bridge/json-text.ts';

describe('members', () => {
  it.each([
    ['an object', '{"a":{"b":1}}', ['a'], '{"a":{"c":2,"b":1}}'],
    ['an empty object', '{"a":{ }}', ['a'], '{"a":{"c":2 }}'],
    ['one that is missing', '{"x":1.0}', ['a', 'b'], '{"a":{"b":{"c":2}},"x":1.0}'],
    ['one inside one', '{"a":{"b":{"d":"}"}}}', ['a', 'b'], '{"a":{"b":{"c":2,"d":"}"}}}'],
    ['the outermost', ' {"x":12345678901234567890}', [], ' {"c":2,"x":12345678901234567890}'],
    ['what is no object', '{"a":[1]}', ['a'], '{"a":[1]}'],
    ['what is no object on the way', '{"a":"{"}', ['a', 'b'], '{"a":"{"}'],
    [
      'strings with quotes and braces',
      '{"s":"\\"{\\\\","a":{}}',
      ['a'],
      '{"s":"\\"{\\\\","a":{"c":2}}',
    ],
  ])('are added to %s', (_what, text, path, changed) => {
    expect(withMembers(text, path, { c: 2 })).toBe(changed);
  });

  it('that are none change nothing', () => {
    expect(withMembers('{"a":1}', [], {})).toBe('{"a":1}');
  });
});

it.each([
  ['{"jsonrpc":"2.0","id":7,"result":{"id":1}}', '{"jsonrpc":"2.0","id":"x","result":{"id":1}}'],
  ['{"result":{"id":1},"id" : "a,b" }', '{"result":{"id":1},"id" : "x" }'],
  ['{"id":7}', '{"id":"x"}'],
  ['{"method":"m"}', '{"method":"m"}'],
])('another id: %s', (text, changed) => {
  expect(withValue(text, 'id', 'x')).toBe(changed);
});

it.each<[string, string[], unknown]>([
  ['{"a":{"b":[1,{"c":2}]}}', ['a', 'b'], [1, { c: 2 }]],
  ['{"a":{"b":null}}', ['a', 'b'], null],
  ['{"a":[]}', ['a', 'b'], undefined],
  ['{"a":1e3 , "b":true}', ['b'], true],
])('a value in %s', (text, path, value) => {
  expect(valueAt(text, path)).toEqual(value);
});
