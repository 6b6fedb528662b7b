/** JSON-RPC messages with something wrong in them, and what a bridge owes each. */
import { mutate } from '../doubles/mutations.ts';
import type { Dice } from './seed.ts';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';

/** The text of a value, nested this deep: no value in memory could be written so deep. */
const nested = (open: string, core: string, close: string, depth = 10_000): string =>
  open.repeat(depth) + core + close.repeat(depth);

/** Texts of values that somebody may not have thought of. */
const strangeValues: readonly ((dice: Dice) => string)[] = [
  () => 'null',
  () => 'true',
  () => '[]',
  () => '{}',
  () => '""',
  () => '-0',
  () => '1e400',
  () => '-1e400',
  () => '0.1',
  () => '123456789012345678901234567890',
  () => '1E+2',
  ({ below }) => '9'.repeat(1 + below(2_000)),
  ({ below }) => `"${'x'.repeat(below(2_000))}"`,
  ({ below }) => `"${'\\'.repeat(2 * below(50))}"`,
  () => `"${'ü漢😀'.repeat(400)}"`,
  () => '"\\u0000"',
  () => '"\\ud800"',
  () => '"a\\r\\nInjected: 1"',
  () => '"\\u2028\\u2029\\u007f"',
  () => '"=?base64?AAAA?="',
  () => '"__proto__"',
  () => '"constructor"',
  () => nested('[', '', ']'),
  () => nested('{"a":', '1', '}'),
  () => '{"__proto__":{"polluted":true}}',
  () => '{"constructor":{"prototype":{"polluted":true}}}',
  () => '{"toString":1,"valueOf":1,"then":1,"toJSON":1}',
  () => '[{"jsonrpc":"2.0","id":1,"method":"ping"}]',
  // No JSON at all.
  () => 'undefined',
  () => 'NaN',
  () => '01',
  () => "'x'",
  () => '"\u0000"',
  () => '"\\x"',
  () => '[1,]',
  () => '{"a":1,}',
  () => '',
];

const methods = [
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/read',
  'prompts/list',
  'prompts/get',
  'completion/complete',
  'logging/setLevel',
  'ping',
  'initialize',
  'server/discover',
  'tasks/get',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
  '',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'x\r\nInjected: 1',
  'x\0y',
  'é😀',
  'vendor/unknown',
];

const keys = ['jsonrpc', 'id', 'method', 'params', 'result', 'error', '__proto__', 'constructor'];

/** Members in order, values as text: an object could hold neither a key twice nor `__proto__`. */
type Members = [key: string, value: string][];

const textOf = (members: Members, space = ''): string =>
  `{${members.map(([key, value]) => `${space}${JSON.stringify(key)}:${space}${value}`).join(',')}}`;

const paramsOf = (method: string, dice: Dice, prefix: string): Members => {
  if (method === 'tools/call')
    return [
      ['name', JSON.stringify(prefix + dice.pick(['echo', 'add', 'fail', 'nothing']))],
      ['arguments', dice.pick(['{"message":"hello"}', '{"a":1,"b":2}', '{}'])],
    ];
  if (method === 'initialize')
    return [
      ['protocolVersion', dice.pick(['"2025-11-25"', '"1999-01-01"'])],
      ['capabilities', dice.chance(0.3) ? strange(dice) : '{"elicitation":{}}'],
      ['clientInfo', '{"name":"fuzz","version":"1"}'],
    ];
  if (method === 'resources/read') return [['uri', '"test://greeting"']];
  if (method === 'prompts/get') return [['name', JSON.stringify(`${prefix}summarise`)]];
  return [];
};

const strangeMeta = (dice: Dice): string => {
  const members: Members = [[VERSION_KEY, '"2026-07-28"']];
  if (dice.chance(0.5)) members.push(['io.modelcontextprotocol/clientCapabilities', '{}']);
  if (dice.chance(0.2)) members.push(['progressToken', strange(dice)]);
  if (dice.chance(0.1)) members.push([VERSION_KEY, strange(dice)]);
  return textOf(members);
};

export const strange = (dice: Dice): string => dice.pick(strangeValues)(dice);

/**
 * The bytes of one frame: a message, spoilt in its members, in its text or in its bytes; some of them hardly or not at all.
 * `id` is its own, where nothing spoils it; `prefix` is what names of tools and prompts begin with.
 */
export const strangeMessage = (dice: Dice, id: string, prefix = ''): Buffer => {
  const method = dice.pick(methods);
  const params = paramsOf(method, dice, prefix);
  if (dice.chance(0.4))
    params.push(['_meta', dice.chance(0.8) ? strangeMeta(dice) : strange(dice)]);
  if (dice.chance(0.2))
    params.push([dice.pick(['name', 'uri', 'requestId', '__proto__']), strange(dice)]);
  const members: Members = [
    ['jsonrpc', '"2.0"'],
    ['id', JSON.stringify(id)],
    ['method', JSON.stringify(method)],
    ['params', textOf(params)],
  ];
  for (let left = dice.below(3); left > 0; left -= 1) {
    const at = dice.below(members.length);
    const entry = members[at] as Members[number];
    dice.pick<() => unknown>([
      () => members.splice(at, 1, [entry[0], strange(dice)]),
      () => members.splice(at, 1),
      () => members.push([dice.pick(keys), strange(dice)]),
      () => members.unshift([dice.pick(keys), strange(dice)]),
      () => members.push(...members.splice(0, 2)),
    ])();
    if (members.length === 0) break;
  }
  const text = textOf(members, dice.pick(['', '', ' ', '\t']));
  const spoil = dice.below(12);
  if (spoil === 0) return Buffer.from(text.slice(0, dice.below(text.length + 1)));
  if (spoil === 1) return Buffer.from(`[${text},${text}]`);
  if (spoil <= 4) return mutate(Buffer.from(text), dice.random);
  return Buffer.from(text);
};

/** What the bridge owes for one line: an error for nobody, or an answer under this id, which only `may` come. */
export type Owed =
  | -32_700
  | -32_600
  | { readonly id: string | number; readonly may: boolean }
  | undefined;

/** Said once more, in words of its own, what a message is: the bridge is held against this. */
export const owedFor = (line: string): Owed => {
  const message = parsed(line);
  if (message === undefined) return -32_700;
  const { value } = message;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return -32_600;
  const own = (name: string): unknown =>
    Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
  const [version, id, method] = [own('jsonrpc'), own('id'), own('method')];
  const isId = typeof id === 'string' || (typeof id === 'number' && Number.isFinite(id));
  if (version !== '2.0' || !(id === undefined || isId)) return -32_600;
  if (method !== undefined && typeof method !== 'string') return -32_600;
  if (!isId || method === undefined) return undefined;
  // What is sent as a notification need not be answered, id or not.
  return { id, may: method.startsWith('notifications/') };
};

/** The lines that a frame is, as a reader of lines sees them. */
export const linesOf = (frame: Buffer): string[] =>
  frame
    .toString('latin1')
    .split('\n')
    .map((line) => Buffer.from(line, 'latin1').toString('utf8').trim())
    .filter((line) => line !== '');

export const parsed = (text: string): { readonly value: unknown } | undefined => {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
};
