import { afterEach, beforeEach, expect, it } from 'vitest';
import { showNotices } from '../../electron/notices.ts';
import { openPreferences } from '../../electron/preferences.ts';
import { becomeReady, beginAnew } from '../doubles/electron/control.ts';
import { life } from '../doubles/electron/life.ts';
import { createDrawn } from './drawn.ts';
import { createFakeClock } from './fake-clock.ts';
import { aServer, aSnapshot, ended } from './snapshots.ts';

beforeEach(becomeReady);
afterEach(beginAnew);

const well = aSnapshot(aServer('linear', {}));
const lost = aSnapshot(aServer('linear', ended));

const watch = (first = well) => {
  const drawn = createDrawn(first);
  const preferences = openPreferences(createFakeClock());
  const stop = showNotices({ ...drawn, preferences });
  return { ...drawn, preferences, stop };
};

it('tells of a fact once, however many snapshots repeat it', () => {
  const { change } = watch();

  change(lost);
  change({ ...lost, revision: 9 });

  expect(life().notifications).toMatchObject([
    { title: 'Linear needs a sign-in', body: 'Click to sign in.' },
  ]);
  expect(life().notified).toHaveLength(1);
});

it('tells of nothing that the person has switched off, from the moment on that they do', () => {
  const { change, preferences } = watch();
  preferences.set('quietAbout', ['needs-you', 'of a later version']);
  change(lost);
  change(well);
  expect(life().notified).toEqual([]);

  preferences.set('quietAbout', []);
  change(lost);
  expect(life().notified).toEqual(['Linear needs a sign-in']);

  preferences.set('notices', false);
  change(well);
  change(aSnapshot(aServer('linear', { state: 'cannot-save' })));
  expect(life().notified).toHaveLength(1);
});

it('does not greet the person with what was so before', () => {
  const { change } = watch(lost);

  change({ ...lost, revision: 2 });

  expect(life().notifications).toEqual([]);
});

it('tells of a vault that is closed at the start, and opens the window on a click', () => {
  const problem = { code: 'vault-locked', message: 'the keychain is locked' } as const;
  const { done } = watch({ ...well, vault: { kind: 'keychain', state: 'closed', problem } });

  life().notifications[0]?.emit('click', {});

  expect(life().notified).toHaveLength(1);
  expect(done).toEqual(['open-window']);
});

it('signs in on a click', () => {
  const { change, done } = watch();
  change(lost);

  life().notifications[0]?.emit('click', {});

  expect(done).toEqual(['sign-in linear/default']);
});

it('opens the window on a click when a sign-in is not, or no longer, what is wanted', () => {
  const { change, done } = watch();
  change(aSnapshot(aServer('linear', { state: 'cannot-save' })));
  life().notifications[0]?.emit('click', {});

  change(lost);
  const late = life().notifications.at(-1);
  change(well);
  late?.emit('click', {});

  expect(done).toEqual(['open-window linear', 'open-window linear']);
});

it('signs in on a click where the sign-in will soon be over', () => {
  const { change, done } = watch();
  change(aSnapshot(aServer('linear', { endsSoon: true })));
  const [soon] = life().notifications;
  expect(soon).toMatchObject({ actions: [{ type: 'button', text: 'Sign in' }] });

  soon?.emit('click', {});

  expect(done).toEqual(['sign-in linear/default']);
});

it('takes away what is not so any more, and leaves what only informs', () => {
  const { change } = watch();
  change(lost);
  change(aSnapshot(aServer('linear', { state: 'signing-in' })));
  expect(life().notifications).toEqual([]);

  change(aSnapshot(aServer('linear', { endsSoon: true })));
  change(aSnapshot(aServer('linear', { endsSoon: true, state: 'renewing' })));
  expect(life().notifications).toHaveLength(1);
});

it('replaces an older notice of the same account', () => {
  const { change } = watch();

  change(lost);
  change(aSnapshot(aServer('linear', { state: 'cannot-save' })));

  expect(life().notifications).toMatchObject([{ title: 'Linear: the sign-in cannot be saved' }]);
});

it('compares across a time when no broker answered', () => {
  const { change } = watch();

  change(undefined);
  change(lost);

  expect(life().notifications).toHaveLength(1);
});

it('takes its notices away at the end', () => {
  const { change, listening, stop } = watch();
  change(lost);

  stop();

  expect(life().notifications).toEqual([]);
  expect(listening()).toBe(0);
});

it('tells that an AI client wants an account that nobody is signed in to, and signs in on a click', () => {
  const out = { state: 'needs-sign-in' } as const;
  const { change, done } = watch(aSnapshot(aServer('linear', out)));

  change(aSnapshot(aServer('linear', { ...out, wanted: { by: ['Claude'], since: 5 } })));
  change(aSnapshot(aServer('linear', { ...out, wanted: { by: ['Claude', 'Cursor'], since: 5 } })));

  expect(life().notifications).toMatchObject([
    { title: 'Claude wants to use Linear', body: 'It needs a sign-in: click to begin.' },
  ]);
  expect(done).toEqual([]);
  life().notifications[0]?.emit('click', {});
  expect(done).toEqual(['sign-in linear/default']);
});

const call = (id: string) => ({
  ...{ id, server: 'linear', account: 'default', aiClient: 'Cursor', tool: 'delete_issue' },
  ...{ askedAt: 0, endsAt: 300_000 },
});

it('tells of a call that waits, until it waits no longer, and opens the window on a click', () => {
  const { change, done } = watch();
  change({ ...well, approvals: [call('0000000001')] });
  expect(life().notifications).toMatchObject([
    { title: 'Cursor wants to call delete_issue', body: 'At Linear. Click to allow or deny it.' },
  ]);
  change(well);
  expect(life().notifications).toEqual([]);
  change({ ...well, approvals: [call('0000000003')] });
  life().notifications[0]?.emit('click', {});
  expect(done).toEqual(['open-window']);
});

it('tells of many calls that wait as one, until none of them does, and opens the window on a click', () => {
  const calls = Array.from({ length: 50 }, (_, n) => call(`call-${n}`));
  const { change, done } = watch();
  change({ ...well, approvals: calls.slice(0, 1) });
  change({ ...well, approvals: calls });
  expect(life().notifications).toMatchObject([{ title: '50 calls wait for you', silent: true }]);
  change({ ...well, approvals: calls.slice(40) });
  expect(life().notifications).toHaveLength(1);
  change(well);
  expect(life().notifications).toEqual([]);

  change({ ...well, approvals: calls });
  life().notifications[0]?.emit('click', {});
  expect(done).toEqual(['open-window']);
});

it('does not tell at every start what the opening of the vault brings to light', () => {
  const problem = { code: 'vault-opening', message: 'the vault is not open yet' } as const;
  const shut = { kind: 'keychain', state: 'closed', problem } as const;
  const opening = aSnapshot(aServer('linear', { state: 'offline', problem }));
  const { change } = watch({ ...opening, vault: shut });

  change(lost);
  change({ ...opening, vault: shut });
  change(aSnapshot(aServer('linear', { ...ended, since: 9 })));

  expect(life().notified).toEqual([]);
});

it('has a button where a sign-in is what is wanted, which signs in', () => {
  const { change, done } = watch();
  change(lost);
  expect(life().notifications[0]?.actions).toMatchObject([{ text: 'Sign in' }]);

  life().notifications[0]?.emit('action', {}, 0);

  expect(done).toEqual(['sign-in linear/default']);
});

it('has none where a sign-in would not help', () => {
  const { change } = watch();

  change(aSnapshot(aServer('linear', { state: 'cannot-save' })));

  expect(life().notifications[0]?.actions).toEqual([]);
});

it('shows several of a kind as one, which grows without a sound and opens the window', () => {
  const all = ['a', 'b', 'c'];
  const first = (count: number) =>
    aSnapshot(...all.map((id, n) => aServer(id, n < count ? ended : {})));
  const { change, done } = watch(first(0));

  change(first(1));
  change(first(2));
  change(first(3));

  expect(life().notifications).toMatchObject([{ title: '3 sign-ins are needed', silent: true }]);
  life().notifications[0]?.emit('click', {});
  expect(done).toEqual(['open-window']);
});
