/** Do the readers that build no tree agree with JSON.parse, whatever they are given? */
import { afterAll, expect, it } from 'vitest';
import {
  valueAt,
  withMembers,
  withoutMembers,
  withValuesAt,
} from '../../broker/bridge/json-text.ts';
import { peek } from '../../broker/bridge/peek.ts';
import { mutate } from '../doubles/mutations.ts';
import { type Dice, diceFor, report, seed } from './seed.ts';
import { parsed, strange, strangeMessage } from './strange-messages.ts';

const CASES = 10_000;
/** Values longer than this are nobody's id. */
const LONGEST = 1024;
const counts = { valid: 0, invalid: 0 };

afterAll(() =>
  report(`fuzz of readers: ${counts.valid} valid texts and ${counts.invalid} invalid ones`),
);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const own = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** Any JSON text, and now and then none. */
const someText = (dice: Dice): string => {
  if (dice.chance(0.3)) return strange(dice);
  const text = strangeMessage(dice, `fuzz ${dice.below(10)}`).toString('utf8');
  return dice.chance(0.2) ? mutate(Buffer.from(text), dice.random).toString('utf8') : text;
};

const each = (check: (text: string, dice: Dice) => void): void => {
  for (let number = 0; number < CASES; number += 1) {
    const dice = diceFor('readers', number);
    const text = someText(dice);
    if (parsed(text) === undefined) counts.invalid += 1;
    else counts.valid += 1;
    try {
      check(text, dice);
    } catch (cause) {
      throw new Error(`FUZZ_SEED=${seed}, case ${number}: ${text.slice(0, 300)}`, { cause });
    }
  }
};

it('peek sees in a text what JSON.parse sees, and stumbles over none', () => {
  each((text) => {
    const seen = peek(text);
    const whole = parsed(text);
    // What is inside is not judged: of texts that are no JSON, only that peek comes to an end is said.
    if (whole === undefined) return;
    if (own(whole.value, 'jsonrpc') !== '2.0') return expect(seen).toBeUndefined();
    const [id, method] = [own(whole.value, 'id'), own(whole.value, 'method')];
    // A number that is written out longer than any is read as infinite or rounded.
    const isShort = (value: unknown): boolean =>
      JSON.stringify(value).length < LONGEST / 6 && !/\d{300}/.test(text);
    expect(seen).toBeDefined();
    if ((typeof id !== 'string' && typeof id !== 'number') || isShort(id))
      expect(seen?.id).toBe(typeof id === 'string' || typeof id === 'number' ? id : undefined);
    if (typeof method !== 'string' || isShort(method))
      expect(seen?.method).toBe(typeof method === 'string' ? method : undefined);
  });
});

it('a member is changed in a text as it would be in the tree, and nothing else', () => {
  each((text, dice) => {
    const whole = parsed(text);
    const name = dice.pick(['id', 'method', 'params', '__proto__', 'nothing']);
    const changed = outcome(() => withMembers(text, { [name]: '"another"' }));
    if (whole === undefined) return;
    if (!isObject(whole.value)) return expect(changed).toBe(text);
    const after = JSON.parse(changed as string) as Record<string, unknown>;
    expect(own(after, name)).toBe('another');
    for (const other of Object.keys(whole.value).filter((key) => key !== name))
      expectSame(own(after, other), own(whole.value, other));
  });
});

it('a member is taken out of a text as it would be out of the tree, and nothing else', () => {
  each((text, dice) => {
    const whole = parsed(text);
    const name = dice.pick(['id', 'method', 'params', '__proto__', 'nothing']);
    const changed = outcome(() => withoutMembers(text, new Set([name])));
    if (whole === undefined || !isObject(whole.value)) return;
    const after = JSON.parse(changed as string) as Record<string, unknown>;
    const others = Object.keys(whole.value).filter((key) => key !== name);
    expect(new Set(Object.keys(after))).toEqual(new Set(others));
    for (const other of others) expectSame(own(after, other), own(whole.value, other));
  });
});

it('values are added deep in a text as they would be in the tree, and nothing else', () => {
  each((text, dice) => {
    const whole = parsed(text);
    const path = dice.pick([[], ['params'], ['params', '_meta'], ['__proto__'], ['a', 'b']]);
    const changed = outcome(() => withValuesAt(text, path, { 'added here': [1] }));
    if (whole === undefined) return;
    const after = JSON.parse(changed as string) as unknown;
    const place = path.reduce<{ readonly value: unknown } | undefined>((at, name) => {
      if (at === undefined || !isObject(at.value)) return undefined;
      return Object.hasOwn(at.value, name) ? { value: at.value[name] } : { value: {} };
    }, whole);
    if (place === undefined || !isObject(place.value)) return expect(changed).toBe(text);
    const at = path.reduce<unknown>(own, after);
    expect(own(at, 'added here')).toEqual([1]);
    for (const name of Object.keys(place.value)) expectSame(own(at, name), place.value[name]);
  });
});

it('a value is found in a text where it is in the tree', () => {
  each((text, dice) => {
    const whole = parsed(text);
    const path = dice.pick([
      ['id'],
      ['params', 'name'],
      ['params', '_meta'],
      ['__proto__', 'polluted'],
    ]);
    const found = outcome(() => valueAt(text, path));
    if (whole !== undefined) expectSame(found, path.reduce<unknown>(own, whole.value));
  });
  expect(Object.keys(Object.prototype)).toEqual([]);
});

/** What comes of it; a text that is no JSON may be refused in the way of JSON.parse, and in no other. */
const outcome = (deed: () => unknown): unknown => {
  try {
    return deed();
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return undefined;
  }
};

/** Values too deep for a comparison are compared by what they begin with. */
const expectSame = (a: unknown, b: unknown): void => {
  if (isDeep(a) || isDeep(b)) expect(isDeep(a)).toBe(isDeep(b));
  else expect(a).toEqual(b);
};

/** Looked at without recursion, which is what such values are after. */
const isDeep = (value: unknown): boolean => {
  const left: [at: unknown, depth: number][] = [[value, 0]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [at, depth] = next;
    if (depth > 100) return true;
    if (typeof at !== 'object' || at === null) continue;
    for (const below of Object.values(at)) left.push([below, depth + 1]);
  }
  return false;
};
