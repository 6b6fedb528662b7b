/** Which calls make an account wanted, and until when? */
import { beforeEach, expect, it } from 'vitest';
import { createWanted, type Wanted } from '../../../broker/state/wanted.ts';
import type { AccountState } from '../../../shared/contract/snapshot.ts';
import { aServer, aSnapshot } from '../../shared/snapshots.ts';

const key = { server: 'a', account: 'default' };
const refused = { code: 'needs-sign-in' } as const;

let now: number;
let changes: number;
let ends: unknown[];
let wanted: Wanted;

beforeEach(() => {
  [now, changes, ends] = [1_000, 0, []];
  wanted = createWanted({ now: () => now, onChange: () => (changes += 1) });
});

const call = (
  aiClient: string,
  { method = 'tools/call', end = refused }: { method?: string; end?: { code?: string } } = {},
) =>
  wanted.around<{ key: typeof key; aiClient: string; method: string }, { code?: string }, void>(
    (asked) => (ended) => void ends.push([asked.aiClient, ended]),
  )({ key, aiClient, method })(end);
const names = (state: AccountState = 'needs-sign-in') => wanted.of(key, state)?.by;

it('a call that ended for want of a sign-in does, and is noted where it was before', () => {
  expect(names()).toBeUndefined();
  call('Claude\u001b[31m');
  now = 2_000;
  call('Cursor');
  call('Cursor');
  expect(wanted.of(key, 'needs-sign-in')).toEqual({ since: 1_000, by: ['Claude [31m', 'Cursor'] });
  expect([changes, ends.length]).toEqual([2, 3]);
});

it.each([
  ['a list', { method: 'tools/list' }],
  ['a handshake', { method: 'initialize' }],
  ['a call that was answered', { end: {} }],
  ['a server that is down', { end: { code: 'server-unreachable' } }],
])('%s does not', (_what, how) => {
  call('Claude', how);
  expect([names(), changes, ends.length]).toEqual([undefined, 0, 1]);
});

it('a few names are enough, and one without a name counts as well', () => {
  call('');
  expect(names()).toEqual([]);
  for (let count = 0; count < 20; count += 1) call(`client ${count}`);
  expect(names()?.length).toBeLessThanOrEqual(5);
});

it('stays so while the person signs in, and is over once somebody has', () => {
  call('Claude');
  wanted.look(aSnapshot(aServer('a', { state: 'signing-in' })));
  expect(names('signing-in')).toEqual(['Claude']);
  expect(names('signed-in')).toBeUndefined();
  wanted.look(aSnapshot(aServer('a', { state: 'signed-in' })));
  expect(names()).toBeUndefined();
});

it('is over for an account that is gone', () => {
  call('Claude');
  wanted.look(aSnapshot(aServer('b', { state: 'needs-sign-in' })));
  expect(names()).toBeUndefined();
});
