import { describe, expect, it } from 'vitest';
import { filesUnder, isSource, type Node, nameOf, nodesIn, parse } from './sources.ts';

/** Time comes in through `ports.ts`; a test that owns the clock must own all of it. */
const clocks = new Set([
  'Date.now',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'performance.now',
  'AbortSignal.timeout',
  'process.hrtime',
  'process.hrtime.bigint',
]);

/** Who may all the same, and why. */
const allowed: Readonly<Record<string, string>> = {
  'broker/system-clock.ts': 'it is the clock',
};

const usesOfTime = (file: string, text?: string): string[] => {
  const { body, imports } = parse(file, text);
  const used = body.flatMap(nodesIn).flatMap((node) => timeIn(node) ?? []);
  const modules = imports.map(({ specifier }) => specifier);
  return [...used, ...modules.filter((name) => /^(node:)?timers(\/|$)/.test(name))];
};

const timeIn = (node: Node): string | undefined => {
  if (node.type === 'CallExpression') {
    const name = nameOf(node.callee)?.replace(/^globalThis\./, '');
    if (name === 'Date') return 'Date()';
    return name !== undefined && clocks.has(name) ? name : undefined;
  }
  const bare = node.type === 'NewExpression' && nameOf(node.callee) === 'Date';
  return bare && (node.arguments as unknown[]).length === 0 ? 'new Date()' : undefined;
};

describe('time', () => {
  it('reaches broker/ and shared/ through the clock port only', () => {
    const guilty = ['broker', 'shared']
      .flatMap(filesUnder)
      .filter(isSource)
      .filter((file) => !(file in allowed))
      .flatMap((file) => usesOfTime(file).map((use) => `${file}: ${use}`));
    expect(guilty).toEqual([]);
  });

  it('is recognised in every spelling', () => {
    const text = `
      Date.now(); new Date(); Date(); globalThis.setTimeout(f, 1); AbortSignal.timeout(5);
      import { setTimeout as wait } from 'node:timers/promises';
      new Date(clock.now()); clock.after(1, f);
    `;
    expect(usesOfTime('sample.ts', text).toSorted()).toEqual([
      'AbortSignal.timeout',
      'Date()',
      'Date.now',
      'new Date()',
      'node:timers/promises',
      'setTimeout',
    ]);
  });
});
