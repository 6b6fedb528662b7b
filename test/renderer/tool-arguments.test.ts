/** Which form a tool's schema makes, what is read from it, and what an answer is taken apart into. */
import { describe, expect, it } from 'vitest';
import { piecesIn } from '../../renderer/screens/server/answer-pieces.ts';
import { readFields, readJson } from '../../renderer/screens/server/arguments-draft.ts';
import { fieldsIn, type JsonObject } from '../../renderer/screens/server/schema-fields.ts';

const fieldOf = (property: unknown, more: JsonObject = {}) =>
  fieldsIn({ type: 'object', properties: { one: property }, ...more })?.[0];

describe('the field for a property', () => {
  it.each<[string, unknown, string]>([
    ['a text', { type: 'string' }, 'text'],
    ['a text, or nothing', { type: ['null', 'string'] }, 'text'],
    ['a number', { type: 'number' }, 'number'],
    ['a whole number', { type: 'integer' }, 'integer'],
    ['a list', { type: 'array' }, 'array'],
    ['an object', { type: 'object' }, 'object'],
    ['one of several kinds', { type: ['string', 'number'] }, 'anything'],
    ['a kind that nobody knows', { type: 'constructor' }, 'anything'],
    ['no kind at all', true, 'anything'],
    ['nothing but nothing', { type: 'null' }, 'anything'],
    ['a choice of texts', { enum: ['a', 'b'] }, 'choice'],
    ['a choice, each with a title', { oneOf: [{ const: 1 }, { const: 2 }] }, 'choice'],
    ['yes or no', { type: 'boolean' }, 'choice'],
    ['something, or nothing', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, 'integer'],
    ['one of two kinds', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, 'anything'],
    ['what is not there', { $ref: '#/$defs/Gone' }, 'anything'],
    ['what is elsewhere', { $ref: 'https://example.com/schema' }, 'anything'],
    ['what is inherited only', { $ref: '#/constructor/name' }, 'anything'],
  ])('%s', (_what, property, kind) => {
    expect(fieldOf(property)?.kind).toBe(kind);
  });

  it('follows what it refers to, and no circle', () => {
    const $defs = {
      Colour: { enum: ['red', 'green'] },
      'a/b': { $ref: '#/$defs/Colour' },
      Round: { $ref: '#/$defs/Round' },
    };
    expect(fieldOf({ $ref: '#/$defs/a~1b' }, { $defs })?.choices).toEqual(['red', 'green']);
    expect(fieldOf({ $ref: '#/$defs/Round' }, { $defs })?.kind).toBe('anything');
  });

  it('begins with the default, as it would be typed', () => {
    expect(
      [
        { type: 'string', default: 'x' },
        { type: 'integer', default: 3 },
        { enum: ['a', 'b'], default: 'b' },
        { enum: ['a', 'b'], default: 'gone' },
        { type: 'array', default: [1] },
        { type: 'string', default: null },
      ].map((property) => fieldOf(property)?.typed),
    ).toEqual(['x', '3', '1', '', '[1]', '']);
  });

  it('says what the server says of it, fit for a line', () => {
    expect(fieldOf({ title: 'One', description: 'Li\u202Ene\none' })?.about).toBe('Li ne one');
    expect(fieldOf({ title: 'Other', description: 'of it' })?.about).toBe('Other: of it');
    expect(fieldOf({ description: 'x'.repeat(5000) })?.about).toHaveLength(300);
  });
});

it.each<[string, JsonObject | undefined]>([
  ['none', undefined],
  ['alternatives', { oneOf: [] }],
  ['conditions', { if: {} }],
  ['what it refers to', { $ref: '#/$defs/All' }],
  ['names of any kind', { additionalProperties: { type: 'string' } }],
  ['properties that are none', { properties: [] }],
  [
    'too many properties',
    { properties: Object.fromEntries(Array.from({ length: 41 }, (_, n) => [n, {}])) },
  ],
])('a schema with %s is for JSON alone', (_what, schema) => {
  expect(fieldsIn(schema)).toBeUndefined();
});

describe('what is read from the fields', () => {
  const fields =
    fieldsIn({
      properties: {
        text: { type: 'string' },
        count: { type: 'integer' },
        flag: { type: 'boolean' },
        any: {},
        list: { type: 'array' },
      },
      required: ['text'],
    }) ?? [];
  const read = (typed: Record<string, string>) =>
    readFields(fields, new Map(Object.entries(typed)));

  it('leaves out what is empty, and wants what is required', () => {
    expect(read({ text: ' ', count: ' ' })).toEqual({ given: { text: ' ' }, wrong: new Map() });
    expect([...read({}).wrong.keys()]).toEqual(['text']);
  });

  it('is of its kind', () => {
    expect(read({ text: '5', count: '1e3', flag: '1', any: '"x"', list: '[[]]' }).given).toEqual({
      text: '5',
      count: 1000,
      flag: false,
      any: 'x',
      list: [[]],
    });
  });

  it.each([
    ['a fraction', { count: '1.5' }],
    ['more than a number can tell apart', { count: '9007199254740993' }],
    ['no end', { count: 'Infinity' }],
    ['a choice that is none', { flag: '7' }],
    ['no JSON', { any: 'x' }],
    ['an object for a list', { list: '{}' }],
  ])('is refused where it is %s', (_what, typed) => {
    expect([...read({ text: 'x', ...typed }).wrong.keys()]).toEqual(Object.keys(typed));
  });

  it('keeps a name that means something to scripts', () => {
    const schema = JSON.parse('{"properties":{"__proto__":{"type":"string"}}}') as JsonObject;
    const { given } = readFields(fieldsIn(schema) ?? [], new Map([['__proto__', 'x']]));
    expect(JSON.stringify(given)).toBe('{"__proto__":"x"}');
    expect(Object.getPrototypeOf(given)).toBe(Object.prototype);
  });
});

it('JSON that is typed is an object, and not too long', () => {
  expect(readJson('{"a": 1}')).toEqual({ given: { a: 1 } });
  const refused = ['', '[]', 'null', '5', '{', JSON.stringify({ a: 'x'.repeat(1024 * 1024) })];
  expect(refused.filter((text) => !('wrong' in readJson(text)))).toEqual([]);
});

describe('an answer', () => {
  it('that is no result, cut off, or odd is only shown as it is', () => {
    expect(piecesIn('{"code":-1}', false)).toMatchObject({ pieces: [], raw: '{\n  "code": -1\n}' });
    expect(piecesIn('{"content":[{"ty', true)).toMatchObject({
      ...{ pieces: [], structured: undefined, raw: '{"content":[{"ty' },
    });
    expect(piecesIn('{"content":5}', true)).toMatchObject({ pieces: [], more: 0 });
  });

  it('counts what it cannot show', () => {
    const content = [
      { type: 'text', text: 5 },
      { type: 'constructor' },
      { type: 'resource' },
      7,
      ...Array.from({ length: 60 }, (_, n) => ({ type: 'text', text: `${n}` })),
    ];
    const { pieces, more } = piecesIn(JSON.stringify({ content }), true);
    expect([pieces.length, more]).toEqual([46, 18]);
  });

  it('tells the size of what is written in Base64', () => {
    const blob = Buffer.alloc(1001).toString('base64');
    const content = [{ type: 'resource', resource: { uri: 'a:b', blob } }];
    expect(piecesIn(JSON.stringify({ content }), true).pieces).toEqual([
      { kind: 'blob', uri: 'a:b', mimeType: undefined, bytes: 1001 },
    ]);
  });
});
