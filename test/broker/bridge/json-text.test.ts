/** Are texts changed where they should be, and nowhere else? */
import { describe, expect, it } from 'vitest';
import {
  canonical,
  memberOf,
  valueAt,
  valueOf,
  withMembers,
  withMissing,
  withoutMembers,
  withValuesAt,
} from '../../../broker/bridge/json-text.ts';

const odd = '{ "a" : 1.50 ,"b":{"a":2,"}":"\\"a\\":"},\n"\\u0063":[ {"a":3} ] }';

it.each<[string, string, string]>([
  ['a member in its place', withMembers(odd, { a: '7' }), odd.replace('1.50', '7')],
  ['a member by an escaped name', withMembers(odd, { c: '7' }), odd.replace('[ {"a":3} ]', '7')],
  ['what was not there in front', withMembers(odd, { d: '7' }), odd.replace('{', '{"d":7,')],
  [
    'both at once',
    withMembers(odd, { d: '7', b: '8', a: '9' }),
    '{"d":7, "a" : 9 ,"b":8,\n"\\u0063":[ {"a":3} ] }',
  ],
  ['an empty object', withMembers(' { } ', { a: '1' }), ' {"a":1 } '],
  ['nothing', withMembers(odd, {}), odd],
  ['only what is missing', withMissing(odd, { a: '7', d: '8' }), odd.replace('{', '{"d":8,')],
  ['what is no object not at all', withMembers('[{"a":1}]', { a: '7' }), '[{"a":1}]'],
  ['by taking out', withoutMembers(odd, new Set(['a', 'c'])), '{"b":{"a":2,"}":"\\"a\\":"}}'],
  ['all taken out', withoutMembers('{"a":1}', new Set(['a'])), '{}'],
])('changes %s', (_what, changed, expected) => {
  expect(changed).toBe(expected);
});

it('finds members on the outside alone, with their text', () => {
  expect([memberOf(odd, 'a'), valueOf(odd, 'a')]).toEqual(['1.50', 1.5]);
  expect([memberOf(odd, '}'), memberOf('"a"', 'a'), memberOf('{"a":', 'a')]).toEqual([
    ...[undefined, undefined, undefined],
  ]);
  expect(valueOf('{"a":[1}}', 'a')).toBeUndefined();
});

it('finds the last of two members of one name, as JSON.parse does, and names of any length', () => {
  const long = 'n'.repeat(5000);
  expect(memberOf('{"a":1,"a":2}', 'a')).toBe('2');
  expect(withoutMembers(`{"${long}":1,"a":2}`, new Set(['a']))).toBe(`{"${long}":1}`);
});

it('keeps members that would reach into the prototype of an object', () => {
  const text = '{"__proto__":{"a":1},"constructor":2}';
  expect(withMembers(text, { a: '1' })).toBe(text.replace('{', '{"a":1,'));
  expect(withoutMembers(text, new Set(['a']))).toBe(text);
  expect(canonical(JSON.parse(text))).toBe(text);
});

it('has one text for values that differ in order alone', () => {
  expect(canonical({ b: [{ d: 1, c: 2 }], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1}]}');
  expect(canonical([2, 1])).not.toBe(canonical([1, 2]));
});

describe('values at a path', () => {
  it.each([
    ['an object', '{"a":{"b":1}}', ['a'], '{"a":{"c":2,"b":1}}'],
    ['one that is missing', '{"x":1.0}', ['a', 'b'], '{"a":{"b":{"c":2}},"x":1.0}'],
    ['one inside one', '{"a":{"b":{"d":"}"}}}', ['a', 'b'], '{"a":{"b":{"c":2,"d":"}"}}}'],
    ['the outermost', '{"x":12345678901234567890}', [], '{"c":2,"x":12345678901234567890}'],
    ['one that has it', '{"a":{"c":1,"d":3}}', ['a'], '{"a":{"c":2,"d":3}}'],
    ['what is no object', '{"a":[1]}', ['a'], '{"a":[1]}'],
  ])('are added to %s', (_what, text, path, changed) => {
    expect(withValuesAt(text, path, { c: 2 })).toBe(changed);
  });

  it.each<[string, string[], unknown]>([
    ['{"a":{"b":[1,{"c":2}]}}', ['a', 'b'], [1, { c: 2 }]],
    ['{"a":{"b":null}}', ['a', 'b'], null],
    ['{"a":[]}', ['a', 'b'], undefined],
    ['{"a":1e3 , "b":true}', ['b'], true],
  ])('are read: %s', (text, path, value) => {
    expect(valueAt(text, path)).toEqual(value);
  });
});
