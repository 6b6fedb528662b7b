/** Which sign-ins begin without a person, and when? */
import { describe, expect, it } from 'vitest';
import { createUnattended, type SignedInServer } from '../../../broker/tokens/unattended.ts';
import { keyText } from '../../../shared/contract/ids.ts';
import type { ProblemCode } from '../../../shared/contract/problems.ts';
import { createVirtualClock } from '../../doubles/clock.ts';

const server = (id: string, rest: Partial<SignedInServer> = {}): SignedInServer => ({
  ...{ id, tokenSource: 'oauth', signedOut: [], accounts: ['default'] },
  ...rest,
});

const servers = [
  server('by-hand'),
  server('by-hand-too', { signIn: { kind: 'person', identityProvider: 'company' } }),
  server('open', { tokenSource: 'none', signIn: { kind: 'client-credentials' } }),
  server('machine', { signIn: { kind: 'client-credentials' } }),
  server('machine-held', { signIn: { kind: 'client-credentials' } }),
  server('work', { signIn: { kind: 'enterprise', identityProvider: 'company' } }),
  server('work-held', { signIn: { kind: 'enterprise', identityProvider: 'company' } }),
  server('elsewhere', { signIn: { kind: 'enterprise', identityProvider: 'another' } }),
  server('left', { signIn: { kind: 'client-credentials' }, signedOut: ['default'] }),
  server('company', { signIn: { clientId: 'given' } }),
];

const open = (
  failures: Readonly<Record<string, ProblemCode>> = {},
  vaultIsOpen = () => true,
  retryAt = () => 0,
) => {
  const begun: string[] = [];
  const clock = createVirtualClock();
  const unattended = createUnattended({
    servers: () => servers,
    vaultIsOpen,
    clock,
    setback: (key) => {
      const code = failures[key.server];
      return code && { problem: { code, message: 'it failed' }, retryAt: retryAt() };
    },
    holdsGrant: (key) => key.server.endsWith('-held'),
    start: (key) => void begun.push(keyText(key).replace(/\/default$/, '')),
  });
  return { ...unattended, begun, clock };
};

describe('a sign-in that needs nobody', () => {
  it('begins at start where there is nothing to go on with', () => {
    const { beginMissing, begun } = open();
    beginMissing();
    expect(begun).toEqual(['machine', 'work', 'elsewhere']);
  });

  it('that the person ended waits for the person', () => {
    const { begin, begun } = open();
    begin('left');
    expect(begun).toEqual([]);
  });

  it('is tried again every minute while what stopped it may pass, and never over a closed vault', async () => {
    let vaultIsOpen = true;
    const { begun, clock, stop } = open(
      { machine: 'offline', work: 'registration-refused', elsewhere: 'sign-in-refused' },
      () => vaultIsOpen,
    );
    await clock.advance(3 * 60_000);
    expect(begun).toEqual(['machine', 'machine', 'machine']);

    vaultIsOpen = false;
    await clock.advance(3 * 60_000);
    expect(begun).toHaveLength(3);
    stop();
    expect(clock.waits()).toEqual([]);
  });

  it('is not tried again before its time: the server may have asked for patience', async () => {
    let retryAt = Number.POSITIVE_INFINITY;
    const { begun, clock } = open({ machine: 'server-trouble' }, undefined, () => retryAt);
    await clock.advance(10 * 60_000);
    expect(begun).not.toContain('machine');

    retryAt = clock.now() + 1;
    await clock.advance(60_000);
    expect(begun).toContain('machine');
  });

  it.each([
    ['machine', ['machine']],
    // What was settled may have changed: what is held is for what was settled before.
    ['machine-held', ['machine-held']],
    ['by-hand', []],
    ['by-hand-too', []],
    ['open', []],
    // Those that name it and wait for it: what they wait for may be there now.
    ['company', ['work']],
    ['nobody', []],
  ])('of %s begins when its server is new or changed: %j', (id, expected) => {
    const { begin, begun } = open();
    begin(id);
    expect(begun).toEqual(expected);
  });

  it('begins after a sign-in at the provider that it names', () => {
    const { beginAfter, begun } = open();
    beginAfter({ server: 'company', account: 'default' });
    expect(begun).toEqual(['work', 'work-held']);
  });

  it('does not begin after any other sign-in', () => {
    const { beginAfter, begun } = open();
    beginAfter({ server: 'machine', account: 'default' });
    expect(begun).toEqual([]);
  });
});
