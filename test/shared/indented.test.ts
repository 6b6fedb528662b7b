/** Is JSON laid out for a person without a character of it changed, whatever is in it? */
import { describe, expect, it } from 'vitest';
import { indented } from '../../shared/indented.ts';
import { expectUnder } from '../doubles/timing.ts';

describe('JSON on lines', () => {
  it.each([
    [
      '{"a":1,"b":[true,null],"c":{}}',
      '{\n  "a": 1,\n  "b": [\n    true,\n    null\n  ],\n  "c": {}\n}',
    ],
    ['{ "a" :\n 1 }', '{\n  "a": 1\n}'],
    ['"text"', '"text"'],
    ['[ ]', '[]'],
    ['{"a":1,"a":2}', '{\n  "a": 1,\n  "a": 2\n}'],
    ['{"a":"{,:[]\\"  \\\\"}', '{\n  "a": "{,:[]\\"  \\\\"\n}'],
    ['{"n":12345678901234567890,"e":1e0}', '{\n  "n": 12345678901234567890,\n  "e": 1e0\n}'],
    ['{"cut":"off in , the {', '{\n  "cut": "off in , the {'],
    ['{"cut":"off\\', '{\n  "cut": "off\\'],
    ['}}]]', '}\n}\n]\n]'],
  ])('%j', (json, lines) => {
    expect(indented(json)).toBe(lines);
  });

  it('hides nothing behind white space, and takes no time for it', async () => {
    const spaces = `{"a":1,${' '.repeat(16_000)}"b":2}`;
    const open = `${'['.repeat(200)}${'"\\'.repeat(8_000)}`;
    expect(indented(spaces)).toBe('{\n  "a": 1,\n  "b": 2\n}');
    expect(indented(open)).toContain('[');
    const honest = `[${'"ab",'.repeat(3_200)}1]`;
    for (const made of [spaces, open])
      await expectUnder(
        100,
        () => indented(made),
        () => indented(honest),
      );
  });
});
