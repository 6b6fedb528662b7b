/** Does any message get a call past the rules, however it is written and whatever reads it at the server? */
import { expect, it } from 'vitest';
import { readEnvelope } from '../../broker/bridge/json-rpc.ts';
import { parsed } from '../../broker/bridge/json-text.ts';
import type { OpenLeg } from '../../broker/bridge/leg.ts';
import { shapedLegs } from '../../broker/bridge/shaping/shaped-legs.ts';
import type { Target } from '../../broker/bridge/target.ts';
import type { Rule } from '../../shared/contract/rules.ts';
import { createVirtualClock } from '../doubles/clock.ts';
import { type Dice, diceFor, report, seed } from './seed.ts';
import { strangeMessage } from './strange-messages.ts';

const MESSAGES = 10_000;

const target: Target = {
  title: 'one',
  upstream: {
    key: { server: 'one', account: 'default' },
    url: new URL('http://127.0.0.1:9/mcp'),
    credential: 'none' as const,
  },
};

/** The members of an object with their texts, each as often as it is there; none for anything else. */
const pairsIn = (text: string): [name: string, value: string][] => {
  const pairs: [string, string][] = [];
  let depth = 0;
  let name: string | undefined;
  let from = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/gs)) {
    if (depth === 1 && (token === ',' || token === '}')) {
      if (name !== undefined) pairs.push([name, text.slice(from, index).trim()]);
      name = undefined;
    }
    if (token === '{' || token === '[') depth += 1;
    else if (token === '}' || token === ']') depth -= 1;
    else if (token === ':' && depth === 1) from = index + 1;
    else if (token.startsWith('"') && depth === 1 && name === undefined)
      name = String(parsed(token));
  }
  return text.trimStart().startsWith('{') ? pairs : [];
};

/** Every value that some reader could take for the member's: the first, the last, or one in other letters. */
const valuesOf = (text: string, member: string): string[] =>
  pairsIn(text)
    .filter(([name]) => name.normalize('NFKC').toLowerCase() === member)
    .map(([, value]) => value);

const mayCall = (text: string, tool: string): boolean =>
  valuesOf(text, 'method').some((value) => parsed(value) === 'tools/call') &&
  valuesOf(text, 'params')
    .flatMap((params) => valuesOf(params, 'name'))
    .some((value) => parsed(value) === tool);

/** A message with more than one meaning: members twice, in other letters, escaped, in any order. */
const twoFaced = (dice: Dice): string => {
  const spelled = (word: string): string =>
    dice.pick([
      JSON.stringify(word),
      JSON.stringify(word),
      JSON.stringify(word.toUpperCase()),
      JSON.stringify(word[0]?.toUpperCase() + word.slice(1)),
      `"\\u${word.charCodeAt(0).toString(16).padStart(4, '0')}${word.slice(1)}"`,
      JSON.stringify(word.replace('s', '\u017f')),
    ]);
  const some = (member: string, values: readonly (() => string)[]): string[] =>
    Array.from({ length: 1 + dice.below(2) }, () => `${spelled(member)}:${dice.pick(values)()}`);
  const params = (): string =>
    `{${[...some('name', [() => '"echo"', () => '"add"', () => '["echo"]']), ...some('arguments', [() => '{"name":"echo"}'])].join(',')}}`;
  const members = [
    '"jsonrpc":"2.0"',
    '"id":1',
    ...some('method', [() => '"tools/call"', () => '"tools/list"', () => '"t\\u006fols/call"']),
    ...some('params', [params, params, () => '[]', () => 'null']),
  ];
  for (let left = dice.below(4); left > 0; left -= 1) members.push(...members.splice(1, 1));
  return `{${members.join(dice.pick([',', ' , ', ',\n']))}}`;
};

it(`${MESSAGES} strange messages: none of them calls what is switched off`, {
  timeout: 120_000,
}, () => {
  let arrived = 0;
  let calls = 0;
  const texts: string[] = [];
  const open: OpenLeg = () => ({
    say: ({ text }, hearer) => {
      texts.push(text);
      hearer.done({});
      return () => undefined;
    },
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  });
  const rules: Rule[] = [{ id: '0000000001', deny: ['echo'] }];
  const shaping = shapedLegs({
    clock: createVirtualClock(),
    store: { read: () => rules, write: () => undefined },
    targetOf: () => target,
    targetAt: () => target,
    toolsOf: () => undefined,
    base: () => undefined,
    onChange: () => undefined,
  });
  const { to } = shaping.around({
    to: () => open,
    own: () => open,
    known: () => undefined,
    mayPassBy: () => true,
  });
  const legs = (['legacy', 'modern'] as const).map((era) =>
    to(target, era, 'fuzz')(() => undefined),
  );
  for (let number = 0; number < MESSAGES; number += 1) {
    const dice = diceFor('rules', number);
    const text = dice.chance(0.5)
      ? twoFaced(dice)
      : strangeMessage(dice, `r-${number}`).toString('utf8');
    const envelope = readEnvelope(text);
    // What is no message reaches no leg.
    if (envelope === undefined) continue;
    let ends = 0;
    legs[number % 2]?.say(
      { text, envelope },
      { message: () => undefined, done: () => (ends += 1) },
    );
    expect(ends, `FUZZ_SEED=${seed}, message ${number}`).toBe(1);
    for (const said of texts.splice(0)) {
      arrived += 1;
      if (mayCall(said, 'add')) calls += 1;
      expect(
        mayCall(said, 'echo'),
        `FUZZ_SEED=${seed}, message ${number}: ${said.slice(0, 400)}`,
      ).toBe(false);
      // And it is still what it was to whoever reads it as we do.
      expect(readEnvelope(said)?.method).toBe(envelope.method);
    }
  }
  report(`fuzz of rules: ${MESSAGES} messages, ${arrived} went on, ${calls} of them calls`);
  expect(calls).toBeGreaterThan(100);
});
